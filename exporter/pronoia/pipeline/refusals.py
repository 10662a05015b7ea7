"""Refusals: what was found too large is not asked for again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import QueryTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Series vanish, and a query that was too large may become possible.
LOOK_AGAIN_SECONDS = 600.0


class Refusals:
    """Remembers for a while which expressions were refused.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refused: dict[str, tuple[float, QueryTooLarge]] = {}

    def remember(self, expression: str, work: Callable[[], T]) -> T:
        """What `work` gives, or its refusal, which holds for a while without asking again.

        Raises:
            QueryTooLarge: as `work` raises it, now or a while ago.
        """
        look_again_at, refusal = self._refused.get(expression, (0.0, None))
        if refusal is not None and self._clock() < look_again_at:
            raise refusal.with_traceback(None)
        try:
            result = work()
        except QueryTooLarge as error:
            self._refused[expression] = (self._clock() + LOOK_AGAIN_SECONDS, error)
            raise
        self._refused.pop(expression, None)
        return result
