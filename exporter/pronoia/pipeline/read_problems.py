"""ReadProblems: which of several sources could not be read, told when that changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.errors import PronoiaError

_log = logging.getLogger(__name__)


class ReadProblems:
    """Those of the last round. Not to be shared by threads.

    Args:
        of: whose sources, for the log.
        consequence: what one that cannot be read means, for the log.
    """

    def __init__(self, of: str, consequence: str) -> None:
        self._of = of
        self._consequence = consequence
        self._told: dict[str, str] = {}

    @property
    def unread(self) -> tuple[str, ...]:
        """Sources that could not be read the last time."""
        return tuple(self._told)

    def tell(self, problems: Mapping[str, PronoiaError]) -> None:
        """Log what is new of a round's problems, by source: each once, not every round."""
        told = {source: str(error) for source, error in problems.items()}
        for source, problem in told.items():
            if self._told.get(source) != problem:
                _log.warning("%s: %s cannot be read, %s: %s", self._of, source, self._consequence, problem)
        self._told = told
