"""A snapshot as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from pronoia.exposition.text import format_horizon

if TYPE_CHECKING:
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def forecast_table(snapshot: Snapshot, max_rows: int = 40) -> Table:
    """One row per forecast series: what it is now, and point and interval at each horizon.

    Args:
        snapshot: what to show.
        max_rows: rows shown; a last row tells how many were left out.
    """
    horizons = sorted({seconds for each in snapshot.forecasts for seconds in each.horizons_seconds})
    table = Table(title="Forecasts with 95 % intervals" if _is_usual_level(snapshot) else "Forecasts")
    table.add_column("query", style="bold", no_wrap=True)
    table.add_column("series", no_wrap=True)
    table.add_column("now", justify="right")
    for seconds in horizons:
        table.add_column(f"in {format_horizon(seconds)}", justify="right", no_wrap=True)
    table.add_column("model", style="dim", no_wrap=True)
    rows = [row for each in snapshot.forecasts for row in _rows(each, horizons)]
    for row in rows[:max_rows]:
        table.add_row(*row)
    if len(rows) > max_rows:
        table.add_row("...", f"{len(rows) - max_rows} more series")
    return table


def _rows(each: QueryForecast, horizons: list[int]) -> list[list[str]]:
    rows = []
    made_at_ms = round(each.made_at_seconds * 1000)
    columns = [
        each.forecast.at([made_at_ms + 1000 * seconds]) if seconds in each.horizons_seconds else None
        for seconds in horizons
    ]
    for i, labels in enumerate(each.forecast.labels):
        cells = [
            f"{short(at.point[i, 0])} [dim]({short(at.lower[i, 0])} … {short(at.upper[i, 0])})[/]" if at else ""
            for at in columns
        ]
        inner = ",".join(f"{name}={value}" for name, value in labels.pairs if name != "__name__")
        rows.append([each.query, inner, short(each.observed[i]), *cells, each.forecast.models[i]])
    return rows


def short(value: float) -> str:
    """A number with three significant digits and an SI prefix.

    >>> short(0.12345), short(12345.0), short(3.2e9), short(0.0), short(-999.6)
    ('0.123', '12.3k', '3.2G', '0', '-1k')
    """
    for factor, prefix in _SI:
        if abs(value) >= factor * 0.9995:
            return f"{value / factor:.3g}{prefix}"
    return f"{value:.3g}"


def _is_usual_level(snapshot: Snapshot) -> bool:
    return all(each.forecast.level == 0.95 for each in snapshot.forecasts)
