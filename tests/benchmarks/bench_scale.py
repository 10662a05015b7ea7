"""The running exporter with many series: is every minute's forecast on time while all series are refitted?

The whole application runs as `pronoia run` would run it: scheduler, cycles, worker processes, state on disk, telemetry,
rendered pages; only its upstream is made up, in this process, so that no server takes a share of the cores. Time is
real time: the first fit of all series at full speed, then `--minutes` of the steady state, in which each series has its
turn within `fit_every`. With `--restart` the first fit is left out: state is there, as of an exporter that has run for
long. What did not happen in that time is marked as extrapolated.

    bench_scale.py --series 10000 --minutes 60
    bench_scale.py --series 10000 --minutes 10 --restart
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import resource
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.config.load import parse
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.saved import COLUMNS
from pronoia.pipeline.application import Application
from pronoia.pipeline.query_cycle import QueryCycle
from pronoia.pipeline.query_settings import settings_of
from pronoia.pipeline.query_state import QueryState
from pronoia.series import Grid, LabelSet, SeriesFrame, TimeRange, align
from pronoia.storage.state import StateStore
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from pronoia.config.resolved import ResolvedQuery

CONFIG = """
upstreams: [{{name: memory, url: "http://localhost:9090"}}]
queries: [{{name: load, expr: load, model: {model}, history: 7d, step: 5m, fit_every: {fit_every}}}]
workers: {workers}
limits: {{max_series_per_query: 200000, max_series: 1000000}}
"""
SCRAPE_MS = 60_000
DAY_MS = 86_400_000
# A round that starts later than this after it was due, or was due while the last one still ran, is late.
LATE_SECONDS = 5.0


class Memory:
    """An upstream of made-up series: daily waves of several shapes on levels that wander, with noise.

    The same instant has the same value each time it is read. Long ranges come at the grid's step, as they would be
    kept after thinning.
    """

    path = "remote_read"

    def __init__(self, settings: UpstreamSettings, n_series: int) -> None:
        self.settings, self.name = settings, settings.name
        self._labels = tuple(LabelSet({"__name__": "load", "instance": f"host{i:05d}"}) for i in range(n_series))

    def read(self, _: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        """Every stored sample of the range."""
        spacing_ms = step_ms if time_range.duration_ms > DAY_MS / 8 else SCRAPE_MS
        times = np.arange(-(-time_range.start_ms // spacing_ms), time_range.end_ms // spacing_ms + 1) * spacing_ms
        n_series = len(self._labels)
        values = np.concatenate([_values(times, block) for block in np.array_split(np.arange(n_series), 16)])
        indptr = len(times) * np.arange(n_series + 1, dtype=np.int64)
        return SeriesFrame(self._labels, np.tile(times, n_series), values.ravel(), indptr)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        """Day after day."""
        for part in time_range.slices(DAY_MS):
            yield self.read(expression, part, step_ms)

    def path_of(self, _: str) -> str:
        """As if it were a server with remote-read."""
        return self.path

    def close(self) -> None:
        """Nothing is open."""


def _values(times: NDArray[np.int64], series: NDArray[np.int64]) -> NDArray[np.float64]:
    """Float64 (n_series, n_times)."""
    days = times[None, :] / DAY_MS
    row = series[:, None].astype(np.float64)
    noise = (np.sin(row * 12.9898 + times[None, :] / 1_000.0 * 78.233) * 43_758.5453) % 1.0 - 0.5
    wave = np.sin(2.0 * np.pi * (days + row / 97.0))
    weekday = np.where((days % 7.0) < 5.0, 1.0, 0.4)
    wander = np.sin(days * (0.7 + (row % 13.0) / 7.0) + row) + 0.5 * np.sin(days * (3.1 + (row % 5.0)) + 2.0 * row)
    level = 20.0 + row % 31.0
    shaped = np.where(row % 3 == 0, np.maximum(wave, 0.0), wave * weekday)
    values: NDArray[np.float64] = level + 4.0 * shaped + wander + (0.5 + row % 4.0) * noise
    return values


@dataclass
class Rounds:
    """Starts and lengths of all rounds, and what they left behind."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    made_at: list[float] = field(default_factory=list)

    def watch(self, cycle: QueryCycle, now_seconds: float) -> None:
        """Stands in for `QueryCycle.run`, which it calls."""
        due, started, thread = cycle.due_at_seconds or now_seconds, time.perf_counter(), time.thread_time()
        RUN(cycle, now_seconds)
        self.wall.append(time.perf_counter() - started)
        self.cpu.append(time.thread_time() - thread)
        self.late.append(now_seconds - due)
        if cycle.forecast is not None:
            self.made_at.append(cycle.forecast.made_at_seconds)


RUN = QueryCycle.run


class Processes:
    """Processor time and peak memory of this process's workers, those that have ended included."""

    def __init__(self) -> None:
        self._cpu: dict[int, float] = {}
        self._peak_mb: dict[int, float] = {}
        self._lock = threading.Lock()

    def look(self) -> None:
        """Take note of the workers that are there."""
        ticks = os.sysconf("SC_CLK_TCK")
        for child in multiprocessing.active_children():
            try:
                after_name = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
                status = Path(f"/proc/{child.pid}/status").read_text()
            except OSError:
                continue
            peak_kb = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
            with self._lock:
                self._cpu[child.pid or 0] = (int(after_name[11]) + int(after_name[12])) / ticks
                self._peak_mb[child.pid or 0] = peak_kb / 1024

    @property
    def cpu_seconds(self) -> float:
        """Over all workers."""
        return sum(self._cpu.values())

    @property
    def peak_mb(self) -> float:
        """Of the largest."""
        return max(self._peak_mb.values(), default=0.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--series", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=10.0, help="after the first fit of all series")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fit-every", default="1h")
    parser.add_argument("--first-fit-minutes", type=float, default=60.0, help="at most; then the rest is extrapolated")
    parser.add_argument("--restart", action="store_true", help="begin with fits of the last hour")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    with tempfile.TemporaryDirectory() as directory:
        measure(options, Path(directory))


def measure(options: argparse.Namespace, directory: Path) -> None:
    """Run the application and print what it took."""
    config = parse(CONFIG.format(model=options.model, workers=options.workers, fit_every=options.fit_every), "bench")
    n_series, rounds, workers, telemetry = options.series, Rounds(), Processes(), Telemetry()
    started = time.monotonic()
    if options.restart:
        # In a process of its own, whose memory is not counted.
        made = multiprocessing.get_context("spawn").Process(
            target=save_fits, args=(config.resolved_queries()[0], n_series, directory)
        )
        made.start()
        made.join()
    at_start = time.process_time()

    def watched(cycle: QueryCycle, now_seconds: float) -> None:
        rounds.watch(cycle, now_seconds)

    def upstream(settings: UpstreamSettings, _: Telemetry) -> Memory:
        return Memory(settings, n_series)

    with (
        patch("pronoia.pipeline.application.Upstream", upstream),
        patch.object(QueryCycle, "run", watched),
        Application(config, telemetry, directory) as application,
    ):
        (cycle,) = application.cycles
        first = wait_for(lambda: cycle.fit_progress[0] >= n_series, options.first_fit_minutes, cycle, workers)
        workers.look()
        before = fit_times(cycle)
        at_first = (rounds_seen := len(rounds.wall), workers.cpu_seconds, time.process_time(), cycle.fit_progress[0])
        wait_for(lambda: False, options.minutes, cycle, workers)
        workers.look()
        fitted = cycle._forecaster._fits.fitted
        now = time.time()
        history_bytes = cycle._reader.history.n_bytes
        n_samples = cycle._reader.history.joined().n_samples if n_series <= 2_000 else None
        page_bytes = len(application.holder.page(now).text)
        own_peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        own_cpu = time.process_time()
        skipped = telemetry.registry.get_sample_value(
            "pronoia_stage_skips_total", {"query": "load", "stage": "round", "reason": "still_running"}
        )
    if fitted is None or not fitted.n_series:
        sys.exit("nothing was fitted")

    n_first, first_cpu, first_own_cpu, n_done = at_first
    # The round that reads all is told apart.
    wall, cpu = (np.array(seconds[max(rounds_seen, 1) :]) for seconds in (rounds.wall, rounds.cpu))
    refitted = sum(before.get(labels) != at for labels, at in zip(fitted.labels, fitted.fitted_at_ms, strict=True))
    late = int((np.array(rounds.late) > LATE_SECONDS).sum() + (skipped or 0))
    gaps = np.diff(np.unique(rounds.made_at))
    n_fitted = refitted + (0 if options.restart else n_done)
    fits_cpu = workers.cpu_seconds / max(n_fitted, 1)
    fit_every = config.resolved_queries()[0].fit_every_seconds
    fit_bytes = sum(getattr(fitted, name).nbytes for name in COLUMNS)
    rows = [
        ("series, model, workers", f"{n_series:,}, {options.model}, {options.workers}"),
        (
            "points of each",
            "2,016 at 5 min" + (f"; {n_samples / n_series:.0f} with the dense end" if n_samples else ""),
        ),
        (
            "before the first round" if options.restart else "first fit",
            f"{n_done:,} series in {first:.0f} s wall" + ("" if n_done >= n_series else " (cut off there)"),
        ),
        ("  processor time", f"workers {first_cpu:.0f} s, main process {first_own_cpu - at_start:.0f} s"),
        (f"the {options.minutes:g} min after it", f"{refitted:,} series refitted"),
        (
            "  processor time",
            f"workers {workers.cpu_seconds - first_cpu:.0f} s, main process {own_cpu - first_own_cpu:.0f} s",
        ),
        ("fit of one series", f"{fits_cpu:.3f} s of a worker's processor time"),
        (
            f"all series within {fit_every / 60:.0f} min, extrapolated",
            f"{n_series * fits_cpu:.0f} s of the workers, {n_series * fits_cpu / fit_every:.2f} cores",
        ),
        ("rounds in that time, mean / p95 / longest", quantiles(wall) + " s wall"),
        ("", quantiles(cpu) + " s of processor time"),
        ("rounds during the first fit, longest", f"{max(rounds.wall[1:n_first], default=0.0):.2f} s of {n_first}"),
        ("the round that reads all", f"{rounds.wall[0]:.1f} s wall, {rounds.cpu[0]:.1f} s of processor time"),
        ("rounds late or skipped", f"{late} of {len(rounds.wall)}"),
        ("longest time between two forecasts", f"{gaps.max():.1f} s" if len(gaps) else "-"),
        ("peak memory", f"main process {own_peak_mb:.0f} MB, largest worker {workers.peak_mb:.0f} MB"),
        ("kept per series", f"{history_bytes / n_series:,.0f} B of samples, {fit_bytes / n_series:,.0f} B of fits"),
        ("page of predictions", f"{page_bytes / 1e6:.1f} MB"),
        ("load average at the end", " ".join(f"{load:.1f}" for load in os.getloadavg())),
        ("total", f"{time.monotonic() - started:.0f} s"),
    ]
    table = Table(title="many series in the running exporter", show_header=False)
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


def wait_for(is_over: Callable[[], bool], minutes: float, cycle: QueryCycle, workers: Processes) -> float:
    """Wait, at most so long; the seconds that took. Tells how far the fits are once a minute."""
    started = time.monotonic()
    told = 0.0
    while not is_over() or cycle.fit_progress[1] == 0:
        elapsed = time.monotonic() - started
        if elapsed >= 60.0 * minutes:
            break
        if elapsed - told >= 60.0:
            told = elapsed
            Console(stderr=True).print(f"{elapsed:5.0f} s: {cycle.fit_progress[0]:,} series fitted")
        workers.look()
        time.sleep(0.5)
    return time.monotonic() - started


def save_fits(query: ResolvedQuery, n_series: int, directory: Path) -> None:
    """State as an exporter leaves it that has run for long: fits of all ages up to `fit_every`.

    The numbers are those of a few series, over and over; each series has its own place in memory and its own age.
    """
    settings, upstream = settings_of(query), Memory(query_upstream(), n_series)
    end_ms = int(time.time() * 1000) // settings.step_ms * settings.step_ms
    window = TimeRange(end_ms - query.history_seconds * 1000, end_ms)
    labels = upstream.read("load", TimeRange(end_ms, end_ms), settings.step_ms).labels
    few = Memory(query_upstream(), 12).read("load", window, settings.step_ms)
    grid = Grid.ending_at(end_ms, settings.step_ms, query.history_seconds // query.step_seconds)
    fitted = fit_forecasts(align(few, grid), settings).take(np.arange(n_series) % 12)
    ages_steps = np.random.default_rng(0).permutation(n_series) * query.fit_every_seconds // n_series // 300
    fitted = replace(fitted, labels=labels, fitted_at_ms=end_ms - ages_steps * 300_000)
    QueryState(query, StateStore(directory)).save_fits(fitted)


def query_upstream() -> UpstreamSettings:
    """Where nothing is."""
    return UpstreamSettings("memory", "http://localhost:9090")


def fit_times(cycle: QueryCycle) -> dict[LabelSet, int]:
    """The history's end of each series' fit, UTC milliseconds."""
    fitted = cycle._forecaster._fits.fitted
    return dict(zip(fitted.labels, fitted.fitted_at_ms.tolist(), strict=True)) if fitted else {}


def quantiles(seconds: NDArray[np.float64]) -> str:
    """Mean, 95th percentile and longest."""
    if not len(seconds):
        return "-"
    return f"{seconds.mean():.2f} / {np.quantile(seconds, 0.95):.2f} / {seconds.max():.2f}"


if __name__ == "__main__":
    main()
