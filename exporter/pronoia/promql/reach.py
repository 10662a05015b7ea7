"""How far into the past an expression reaches, added up through the subqueries around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.promql.plan import Selector

if TYPE_CHECKING:
    from pronoia.promql.plan import At, Timing
    from pronoia.series.matchers import Matcher


@dataclass(frozen=True, slots=True)
class Reach:
    """The instants at which a part of an expression is evaluated.

    Args:
        before_ms: how far before the first instant of the whole evaluation they begin.
        offset_ms: how far before its last instant they end.
        at: the instant that both count from instead, where `@` fixes one.
    """

    before_ms: int = 0
    offset_ms: int = 0
    at: At | None = None

    def through(self, timing: Timing, range_ms: int) -> Reach:
        """The times looked at from these instants by something with this timing and range.

        >>> from pronoia.promql.plan import Timing
        >>> Reach(before_ms=3_600_000).through(Timing(offset_ms=60_000), range_ms=300_000)
        Reach(before_ms=3960000, offset_ms=60000, at=None)
        >>> Reach(before_ms=3_600_000).through(Timing(at="end"), range_ms=300_000)
        Reach(before_ms=300000, offset_ms=0, at='end')
        """
        if timing.at is not None:
            return Reach(timing.offset_ms + range_ms, timing.offset_ms, timing.at)
        return Reach(self.before_ms + timing.offset_ms + range_ms, self.offset_ms + timing.offset_ms, self.at)

    def selector(self, matchers: tuple[Matcher, ...], position: int) -> Selector:
        """What to read, where these are the times that its samples are taken from."""
        return Selector(matchers, self.before_ms, self.offset_ms, self.at, position)
