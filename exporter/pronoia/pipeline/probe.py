"""Probing: a short newest part of each range is read, to tell what all of it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import QueryTooLarge, ResponseTooLarge, SeriesLimitExceeded
from pronoia.pipeline.read_size import PartSize
from pronoia.series import TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pronoia.pipeline.planned_read import PlannedRead
    from pronoia.series import Matcher, SeriesFrame

#: Twice the scrape interval of nearly everybody, and Prometheus' own lookback.
PROBE_MS = 300_000


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
            found = f"{PROBE_MS // 1000} s of these series alone are too much to read: {error}"
            raise QueryTooLarge(expression, f"{found}; name fewer with matchers", each.position) from error
        yield PartSize(
            each.position,
            frame.n_series,
            1000 * frame.n_samples / PROBE_MS,
            each.time_range.duration_ms,
            all(selector.at is not None for selector in each.selectors),
        )
