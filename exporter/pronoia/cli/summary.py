"""A snapshot as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from pronoia.exposition.text import format_horizon

if TYPE_CHECKING:
    from pronoia.predictions.forecast import Forecast, QueryForecast
    from pronoia.predictions.snapshot import Snapshot

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
# Columns of a terminal in which a row fits on one line.
_WIDE = 150
# Leaves room for five numbers in 80 columns.
_NARROW_NAME = 14


def forecast_table(snapshot: Snapshot, width: int, max_lines: int) -> Table:
    """One row per forecast series: what it is now, and point and interval at each horizon.

    Args:
        snapshot: what to show.
        width: columns of the terminal; in a narrow one the interval stands below the point, and the model is left out.
        max_lines: lines to fill; a last row tells how many series were left out.
    """
    is_wide = width >= _WIDE
    horizons = sorted({seconds for each in snapshot.forecasts for seconds in each.horizons_seconds})
    table = Table(title=_title(snapshot), box=box.SIMPLE_HEAD)
    table.add_column("query, series", overflow="ellipsis", no_wrap=True, max_width=None if is_wide else _NARROW_NAME)
    table.add_column("now", justify="right", no_wrap=True, min_width=5)
    for seconds in horizons:
        table.add_column(f"in {format_horizon(seconds)}", justify="right", no_wrap=True, min_width=11)
    if is_wide:
        table.add_column("model", style="dim", no_wrap=True)
    rows = [row for each in snapshot.forecasts for row in _rows(each, horizons, " " if is_wide else "\n")]
    max_rows = max_lines if is_wide else max_lines // 2
    for row in rows[:max_rows]:
        table.add_row(*(row if is_wide else row[:-1]))
    if len(rows) > max_rows:
        table.add_row(f"... {len(rows) - max_rows} more")
    return table


def _rows(each: QueryForecast, horizons: list[int], between: str) -> list[list[str]]:
    made_at_ms = round(each.made_at_seconds * 1000)
    at_horizons = [
        each.forecast.at([made_at_ms + 1000 * seconds]) if seconds in each.horizons_seconds else None
        for seconds in horizons
    ]
    return [
        [
            f"[bold]{each.query}[/]{between}{','.join(value for name, value in labels.pairs if name != '__name__')}",
            short(each.observed[i]),
            *(_cell(at, i, between) if at else "" for at in at_horizons),
            each.forecast.models[i],
        ]
        for i, labels in enumerate(each.forecast.labels)
    ]


def _cell(at: Forecast, series: int, between: str) -> str:
    low, high = short(at.lower[series, 0]), short(at.upper[series, 0])
    return f"{short(at.point[series, 0])}{between}[dim]{low}…{high}[/]"


def short(value: float) -> str:
    """A number with three significant digits and an SI prefix.

    >>> short(0.12345), short(12345.0), short(3.2e9), short(0.0), short(-999.6)
    ('0.123', '12.3k', '3.2G', '0', '-1k')
    """
    for factor, prefix in _SI:
        if abs(value) >= factor * 0.9995:
            return f"{value / factor:.3g}{prefix}"
    return f"{value:.3g}"


def _title(snapshot: Snapshot) -> str:
    levels = {each.forecast.level for each in snapshot.forecasts}
    return f"Forecasts with {levels.pop():.0%} intervals" if len(levels) == 1 else "Forecasts with intervals"
