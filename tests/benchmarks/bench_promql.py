"""The same expression over the same samples, evaluated here and by the server.

`avg by (instance) (rate(...[5m]))` at a step of 60 s over 1,000 counters, 24 hours at 15 seconds, 5.76 million
samples. Ours reads the raw samples by remote-read and evaluates; the other way is `query_range` as a Python client uses
it. Both ask one server, in turn, and their answers are compared. Ends with an error unless ours takes a fifth of the
time (of the fastest runs: whatever else runs on the machine disturbs the shorter way more) and a tenth of the server's
CPU. The blocks are made once and kept under `.cache/`.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import requests
from prometheus_api_client import PrometheusConnect
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
from pronoia.promql.compiler import compile as compile_expression
from pronoia.promql.evaluator import evaluate
from pronoia.promql.plan import Plan
from pronoia.promql.semantics import Semantics
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings
from support.prometheus import Prometheus, matrix_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.series import AlignedFrame

CACHE = Path(__file__).parents[2] / ".cache" / "bench_promql"
EXPRESSION = 'avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
N_INSTANCES, N_CPUS = 125, 8
SCRAPE_MS, STEP_MS = 15_000, 60_000
HOUR_MS = 3_600_000
#: Noon of a day in the past: blocks need no particular date.
END_MS = 1_760_011_200_000
RANGE = TimeRange(END_MS - 24 * HOUR_MS, END_MS)
N_RUNS = 7
LEAST_WALL_RATIO, LEAST_SERVER_CPU_RATIO = 5.0, 10.0


def idle_seconds() -> SeriesFrame:
    """CPU counters as node_exporter tells them, in hundredths of a second; a quarter of the machines restarts."""
    rng = np.random.default_rng(1)
    # The first windows need samples from before the range.
    times = np.arange(RANGE.start_ms - HOUR_MS, END_MS + 1, SCRAPE_MS, dtype=np.int64)
    series = {}
    for i in range(N_INSTANCES):
        restart = int(rng.integers(len(times))) if i % 4 == 0 else 0
        for cpu in range(N_CPUS):
            total = np.cumsum(np.round(15 * rng.beta(5, 2, len(times)), 2))
            total[restart:] -= total[restart]
            labels = {"instance": f"node{i:04d}:9100", "job": "node", "cpu": str(cpu), "mode": "idle"}
            series[LabelSet({"__name__": "node_cpu_seconds_total", **labels})] = times, np.round(total, 2)
    return SeriesFrame.from_series(series)


@dataclass
class Measured:
    """One way: seconds of the clock and of the client's CPU in each run, of the server's CPU on average.

    `process_cpu_seconds_total` counts hundredths of a second, so it is read around all runs and not around each.
    """

    name: str
    wall_seconds: list[float] = field(default_factory=list)
    client_seconds: list[float] = field(default_factory=list)
    server_seconds: float = 0.0
    answer: Any = None

    def run(self, server: Prometheus, ask: Callable[[], Any]) -> None:
        """Once to warm up, then as often as is measured."""
        ask()
        server_before = server_cpu_seconds(server)
        for _ in range(N_RUNS):
            self.answer = None
            wall, client = time.perf_counter(), time.process_time()
            self.answer = ask()
            self.wall_seconds.append(time.perf_counter() - wall)
            self.client_seconds.append(time.process_time() - client)
        self.server_seconds = (server_cpu_seconds(server) - server_before) / N_RUNS

    @property
    def figures(self) -> tuple[float, float, float, float]:
        """Of one run: fastest and median wall time, median client CPU, server CPU."""
        wall, client = self.wall_seconds, self.client_seconds
        return min(wall), statistics.median(wall), statistics.median(client), self.server_seconds


def ratios(ours: Measured, theirs: Measured) -> list[float]:
    """How many times less ours takes, figure by figure."""
    return [their / our for our, their in zip(ours.figures, theirs.figures, strict=True)]


def server_cpu_seconds(server: Prometheus) -> float:
    """What the server says it has used, user and system."""
    page = requests.get(f"{server.url}/metrics", timeout=30).text
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith("process_cpu_seconds_total "))


def assert_equal(ours: AlignedFrame, theirs: SeriesFrame) -> None:
    """Same series, same instants, values within 1e-9."""
    assert list(ours.labels) == list(theirs.labels)
    assert len(ours.labels) == N_INSTANCES
    for values, (_, times, expected) in zip(ours.values, theirs, strict=True):
        assert np.array_equal(ours.grid.timestamps_ms, times)
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=0.0)


def table(ours: Measured, theirs: Measured) -> Table:
    """What both take and how that compares."""
    title = f"{EXPRESSION}\n{N_INSTANCES * N_CPUS:,} series, 24 h at 15 s, step 60 s; {N_RUNS} runs"
    grid = Table("way", "fastest, s", "median, s", "client CPU, s", "server CPU, s", title=title)
    for way in (ours, theirs):
        grid.add_row(way.name, *(f"{each:.3f}" for each in way.figures))
    grid.add_row("times less", *(f"{ratio:.1f}" for ratio in ratios(ours, theirs)))
    return grid


def main() -> int:
    """Backfill once, ask both ways, compare, report; 1 if ours is not fast enough."""
    console = Console(width=120)
    server = Prometheus(CACHE)
    if not (CACHE / "complete").exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        console.print("backfilling (once, about a minute)")
        server.backfill(idle_seconds())
        (CACHE / "complete").touch()
    with server:
        client = RemoteReadClient(UpstreamSession(UpstreamSettings("bench", server.url)))
        plan = compile_expression(EXPRESSION, Semantics(left_open=False))
        assert isinstance(plan, Plan)

        def evaluated() -> AlignedFrame:
            frames = {
                selector: client.read(selector.matchers, selector.time_range(RANGE.start_ms, RANGE.end_ms))
                for selector in plan.selectors
            }
            return evaluate(plan, frames, RANGE.start_ms, RANGE.end_ms, STEP_MS)

        peer = PrometheusConnect(url=server.url)
        start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (RANGE.start_ms, RANGE.end_ms))
        ours, theirs = Measured("remote-read and pronoia.promql"), Measured("query_range (prometheus-api-client)")
        ours.run(server, evaluated)
        theirs.run(
            server,
            lambda: peer.custom_query_range(EXPRESSION, start_time=start, end_time=end, step=str(STEP_MS // 1000)),
        )
    assert_equal(ours.answer, matrix_frame(theirs.answer))
    console.print(table(ours, theirs))
    wall, _, _, cpu = ratios(ours, theirs)
    if wall < LEAST_WALL_RATIO or cpu < LEAST_SERVER_CPU_RATIO:
        console.print(f"too slow: {LEAST_WALL_RATIO:g} times and {LEAST_SERVER_CPU_RATIO:g} times are promised")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
