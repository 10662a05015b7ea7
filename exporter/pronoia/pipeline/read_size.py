"""What reading an expression takes, told from a short newest part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.errors import QueryTooLarge, ResponseTooLarge, SeriesLimitExceeded
from pronoia.series import TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pronoia.pipeline.planned_read import PlannedRead
    from pronoia.promql.subquery_spans import SubquerySpan
    from pronoia.series import Matcher, SeriesFrame
    from pronoia.transport.settings import UpstreamLimits

#: Twice the scrape interval of nearly everybody, and Prometheus' own lookback.
PROBE_MS = 300_000


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

        Well inside is half: there may have been more series in the past.
        """
        width_ms = widest_ms
        while width_ms > self.step_ms and 2 * self._most(width_ms) > limits.max_samples:
            width_ms = max(width_ms // 2, self.step_ms)
        return width_ms

    def check(self, limits: UpstreamLimits) -> None:
        """Refuse what passes a limit however narrow its slices are.

        Raises:
            QueryTooLarge: naming the selector or subquery, what was found, and what to change.
        """
        for part in self.parts:
            if part.n_series > limits.max_series:
                found = f"{part.n_series} series match, the upstream's limits.max_series is {limits.max_series}"
                raise QueryTooLarge(self.expression, f"{found}; name fewer with matchers", part.position)
        n_samples = sum(part.n_samples(0) for part in self.parts)
        if n_samples > limits.max_samples:
            largest = max(self.parts, key=lambda part: part.n_samples(0))
            found = (
                f"a single instant needs {n_samples} samples, {largest.n_samples(0)} of them of the {largest.n_series} "
                f"series here; the upstream's limits.max_samples is {limits.max_samples}"
            )
            raise QueryTooLarge(self.expression, f"{found}; shorten the range or name fewer series", largest.position)
        for span in self.spans:
            n_points = self._most_series * span.n_points()
            if n_points > limits.max_samples:
                found = (
                    f"this subquery needs {n_points} points, {span.n_points()} for each of {self._most_series} series, "
                    f"the upstream's limits.max_samples is {limits.max_samples}"
                )
                hint = "shorten its range, lengthen its step or name fewer series"
                raise QueryTooLarge(self.expression, f"{found}; {hint}", span.subquery.position)

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


def measured_parts(
    expression: str, reads: Iterable[PlannedRead], read: Callable[[tuple[Matcher, ...], TimeRange], SeriesFrame]
) -> Iterator[PartSize]:
    """Read a short newest window of each range.

    Args:
        expression: for messages.
        reads: what a single instant needs.
        read: gives the raw samples of a range.

    Raises:
        QueryTooLarge: if even the window holds more than a limit.
        UpstreamError: as `read` raises it.
    """
    for each in reads:
        end_ms = each.time_range.end_ms
        window = TimeRange(end_ms - PROBE_MS + 1, end_ms)
        try:
            frame = read(each.matchers, window)
        except (SeriesLimitExceeded, ResponseTooLarge) as error:
            passed = f"{error.what} passes the upstream's limits" if isinstance(error, ResponseTooLarge) else error
            found = f"{PROBE_MS // 1000} s of these series alone are too much to read: {passed}"
            raise QueryTooLarge(expression, f"{found}; name fewer with matchers", each.position) from error
        yield PartSize(
            each.position,
            frame.n_series,
            1000 * frame.n_samples / PROBE_MS,
            each.time_range.duration_ms,
            all(selector.at is not None for selector in each.selectors),
        )
