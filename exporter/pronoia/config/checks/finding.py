"""One mistake found by a check across sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pronoia.config.document import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake, or something doubtful.

    Args:
        path: where to change something.
        problem: what is wrong and what would be right.
        about: further paths that were looked at; if one of them is itself wrong, the finding may not be.
    """

    path: Path
    problem: str
    about: tuple[Path, ...] = ()
