"""What one round of a query costs: reading what is new, learning from what came due, predicting.

Two weeks at five minutes and a fresh sample every 15 s, from memory instead of a server. Fits are left out: they run
in worker processes, and `pronoia backtest forecast` prints their seconds per series.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.config.load import parse
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.pipeline.query_cycle import QueryCycle
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import AlignedFrame

START_SECONDS = 1_795_000_000.0
N_ROUNDS = 20
SCRAPE_MS = 15_000


class Memory:
    """An upstream of made-up series; long ranges come at the grid's step, as they would after thinning."""

    name, path = "memory", "remote_read"
    settings = UpstreamSettings("memory", "http://localhost:9090")

    def __init__(self, n_series: int) -> None:
        self._labels = tuple(LabelSet({"__name__": "load", "instance": f"host{i:05d}"}) for i in range(n_series))

    def read(self, _: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        """Waves with noise."""
        spacing_ms = step_ms if time_range.duration_ms > 3 * 3_600_000 else SCRAPE_MS
        first = -(-time_range.start_ms // spacing_ms) * spacing_ms
        times = np.arange(first, time_range.end_ms + 1, spacing_ms)
        n_series = len(self._labels)
        noise = np.random.default_rng(first).normal(size=(n_series, len(times)))
        values = 10.0 + np.sin(2 * np.pi * times / 86_400_000) + 0.1 * noise
        indptr = len(times) * np.arange(n_series + 1, dtype=np.int64)
        return SeriesFrame(self._labels, np.tile(times, n_series), values.ravel(), indptr)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        """Day after day."""
        for part in time_range.slices(86_400_000):
            yield self.read(expression, part, step_ms)

    def path_of(self, _: str) -> str:
        """As if it were a server with remote-read."""
        return self.path


class Inline:
    """A pool that fits at once, in this process."""

    workers = 1

    def submit(self, history: AlignedFrame, settings: ForecastSettings) -> Future[FittedForecasts]:
        """The fit, done."""
        future: Future[FittedForecasts] = Future()
        future.set_result(fit_forecasts(history, settings))
        return future


def main(sizes: list[int]) -> None:
    """Measure and print."""
    table = Table(title="one round of one query, one core")
    for column in ("series", "first read s", "round s (median)", "round s (worst)", "peak memory MB"):
        table.add_column(column, justify="right")
    for n_series in sizes:
        table.add_row(f"{n_series:,}", *measure(n_series))
    Console().print(table)


def measure(n_series: int) -> tuple[str, ...]:
    """The cells of one row."""
    query = "queries: [{name: load, expr: load, model: naive}]\nlimits: {max_series_per_query: 100000}"
    (resolved,) = parse(query, "benchmark").resolved_queries()
    now = START_SECONDS
    cycle = QueryCycle(
        resolved,
        Memory(n_series),  # type: ignore[arg-type]
        Inline(),  # type: ignore[arg-type]
        None,
        Telemetry(),
        max_series=100_000,
        on_due=lambda: None,
        clock=lambda: now,
    )
    cycle.run(now)
    first_read = next(outcome.duration_seconds for outcome in cycle.outcomes if outcome.stage == "read")
    while cycle.forecast is None or cycle.fit_progress[0] < n_series:
        now += 1.0
        cycle.run(now)
    rounds = []
    for _ in range(N_ROUNDS):
        now += 60.0
        started = time.perf_counter()
        cycle.run(now)
        rounds.append(time.perf_counter() - started)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{first_read:.2f}", f"{statistics.median(rounds):.3f}", f"{max(rounds):.3f}", f"{peak_mb:.0f}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000])
