"""What reading an expression takes, against the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration
from pronoia.errors import QueryTooLarge

if TYPE_CHECKING:
    from pronoia.promql.subquery_spans import SubquerySpan
    from pronoia.transport.settings import UpstreamLimits


@dataclass(frozen=True, slots=True)
class PartSize:
    """One read of an expression.

    Args:
        position: where its selector stands in the expression, counted in characters from 0.
        n_series: series that match.
        samples_per_second: of all of them together.
        before_ms: how much of the past a single instant needs.
        is_fixed: whether every instant needs the same samples (`@`).
    """

    position: int
    n_series: int
    samples_per_second: float
    before_ms: int = 0
    is_fixed: bool = False

    def n_samples(self, width_ms: int) -> int:
        """Samples read to evaluate over a range of this width."""
        return round(self.samples_per_second * (self.before_ms + (0 if self.is_fixed else width_ms)) / 1000)


@dataclass(frozen=True, slots=True)
class ReadSize:
    """All reads of an expression, and the points of its evaluation.

    Args:
        expression: as written.
        step_ms: distance of the instants.
        parts: its reads.
        spans: its subqueries, where it is evaluated here.
    """

    expression: str
    step_ms: int
    parts: tuple[PartSize, ...]
    spans: tuple[SubquerySpan, ...] = ()

    @property
    def n_series(self) -> int:
        """Series read, those of several selectors counted several times."""
        return sum(part.n_series for part in self.parts)

    @property
    def samples_per_second(self) -> float:
        """Samples stored of these series in each second."""
        return sum(part.samples_per_second for part in self.parts)

    @property
    def before_ms(self) -> int:
        """How much of the past a single instant needs, less what every instant needs alike."""
        return max((part.before_ms for part in self.parts if not part.is_fixed), default=0)

    def slice_ms(self, widest_ms: int, limits: UpstreamLimits) -> int:
        """The widest slice, up to `widest_ms`, in which reading stays well inside the limits.

        Well inside is half: there may have been more series in the past. No slice is narrower than what lies before
        it, as that would be read over and over.
        """
        width_ms = widest_ms
        while width_ms > self.narrowest_ms and 2 * self._most(width_ms) > limits.max_samples:
            width_ms = max(width_ms // 2, self.narrowest_ms)
        return width_ms

    def check(self, limits: UpstreamLimits, whole_ms: int = 0) -> None:
        """Refuse what passes a limit in the narrowest slices that are of use.

        Args:
            limits: of the upstream.
            whole_ms: the width of a range that cannot be sliced.

        Raises:
            QueryTooLarge: naming the selector or subquery, what was found, and what to change.
        """
        width_ms = whole_ms or self.narrowest_ms
        n_samples = sum(part.n_samples(width_ms) for part in self.parts)
        if n_samples > limits.max_samples:
            raise self._too_many_samples(width_ms, whole_ms, limits)
        n_points = self._most_series * (width_ms // self.step_ms + 1)
        for span in self.spans:
            if self._most_series * span.n_points(width_ms) > limits.max_samples:
                raise self._too_many_points(span, width_ms, limits)
        if n_points > limits.max_samples:
            found = f"its {n_points} values in {format_duration(width_ms)} are too many"
            hint = f"limits.max_samples is {limits.max_samples}; lengthen the step or name fewer series"
            raise QueryTooLarge(self.expression, f"{found}, {hint}")

    def _too_many_samples(self, width_ms: int, whole_ms: int, limits: UpstreamLimits) -> QueryTooLarge:
        hint = "use a recording rule, shorten the range or name fewer series"
        if sum(part.n_samples(0) for part in self.parts) > limits.max_samples:
            width_ms, reads = 0, "a single instant needs"
        elif whole_ms:
            reads = f"@ start() and @ end() allow no slices, and all {format_duration(whole_ms)} need"
        else:
            reads = f"slices of {format_duration(width_ms)}, the narrowest of use, need"
            hint = f"{hint}, or raise the limit"
        n_samples = sum(part.n_samples(width_ms) for part in self.parts)
        largest = max(self.parts, key=lambda part: part.n_samples(width_ms))
        found = (
            f"{reads} about {n_samples} samples, {largest.n_samples(width_ms)} of them of the {largest.n_series} "
            f"series here; limits.max_samples is {limits.max_samples}"
        )
        return QueryTooLarge(self.expression, f"{found}; {hint}", largest.position)

    def _too_many_points(self, span: SubquerySpan, width_ms: int, limits: UpstreamLimits) -> QueryTooLarge:
        found = (
            f"this subquery needs about {self._most_series * span.n_points(width_ms)} points, {span.n_points(width_ms)}"
            f" for each of {self._most_series} series; limits.max_samples is {limits.max_samples}"
        )
        hint = "shorten its range, lengthen its step or name fewer series"
        return QueryTooLarge(self.expression, f"{found}; {hint}", span.subquery.position)

    @property
    def narrowest_ms(self) -> int:
        """The narrowest slice that is of use."""
        return max(self.before_ms, self.step_ms)

    @property
    def _most_series(self) -> int:
        return max((part.n_series for part in self.parts), default=0)

    def _most(self, width_ms: int) -> int:
        """Samples read, or points of the largest intermediate result, whichever is more."""
        return max(
            sum(part.n_samples(width_ms) for part in self.parts),
            self._most_series * (width_ms // self.step_ms + 1),
            *(self._most_series * span.n_points(width_ms) for span in self.spans),
        )
