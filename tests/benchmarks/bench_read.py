"""Reading the same samples from a real Prometheus by remote-read and by `prometheus-api-client`.

1,000 series, 24 hours at 15 seconds, 5.76 million samples: random walks with noise, every bit of the mantissa in use.
Both ways read all of them from the same server, one after the other, and what they read is compared. The blocks are
made once and kept under `.cache/`.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from prometheus_api_client import PrometheusConnect
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
from pronoia.promql.selector import parse_selector
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings
from support.prometheus import Prometheus, matrix_frame

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = Path(__file__).parents[2] / ".cache" / "bench_read"
METRIC = "bench_gauge"
N_SERIES = 1_000
STEP_MS = 15_000
N_STEPS = 24 * 3_600_000 // STEP_MS
#: Noon of a day in the past: blocks need no particular date.
END_MS = 1_760_011_200_000
RANGE = TimeRange(END_MS - (N_STEPS - 1) * STEP_MS, END_MS)
N_RUNS = 7


def walks() -> SeriesFrame:
    """1,000 random walks with noise, labelled like a fleet's CPU metric."""
    rng = np.random.default_rng(1)
    times = RANGE.start_ms + STEP_MS * np.arange(N_STEPS, dtype=np.int64)
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": METRIC, "instance": f"node{i:04d}:9100", "job": "node"}): (
                times,
                50 + np.cumsum(rng.normal(scale=0.1, size=N_STEPS)) + rng.normal(scale=0.5, size=N_STEPS),
            )
            for i in range(N_SERIES)
        }
    )


@dataclass(frozen=True)
class Measured:
    """One way of reading: seconds of the clock, of the client's CPU and of the server's CPU, per run."""

    name: str
    frame: SeriesFrame
    wall_seconds: list[float]
    client_seconds: list[float]
    server_seconds: list[float]

    @property
    def rate(self) -> float:
        """Samples per second of the clock, median of the runs."""
        return self.frame.n_samples / statistics.median(self.wall_seconds)


def measure(
    name: str, server: Prometheus, n_runs: int, read: Callable[[], Any], frame_of: Callable[[Any], Any]
) -> Measured:
    """Run a reader; turning its answer into a frame for the comparison is not part of the time."""
    wall, client, remote = [], [], []
    answer: Any = None
    for _ in range(n_runs):
        answer = None
        before = time.perf_counter(), time.process_time(), server.cpu_seconds()
        answer = read()
        wall.append(time.perf_counter() - before[0])
        client.append(time.process_time() - before[1])
        remote.append(server.cpu_seconds() - before[2])
    return Measured(name, frame_of(answer), wall, client, remote)


def assert_equal(one: SeriesFrame, other: SeriesFrame) -> None:
    """Both hold the same samples, bit for bit."""
    left, right = ({labels: (times, values) for labels, times, values in frame} for frame in (one, other))
    assert left.keys() == right.keys()
    for labels, (times, values) in left.items():
        assert np.array_equal(times, right[labels][0]), labels
        assert np.array_equal(values, right[labels][1]), labels


def table(ways: list[Measured]) -> Table:
    """Medians of the runs."""
    n_series, n_samples = ways[0].frame.n_series, ways[0].frame.n_samples
    columns = ("way", "runs", "seconds", "samples/s", "client CPU s", "server CPU s", "ratio")
    grid = Table(*columns, title=f"{n_series:,} series, {n_samples:,} samples, the same by both ways; medians")
    for way in ways:
        columns = (way.wall_seconds, way.client_seconds, way.server_seconds)
        wall, client, remote = (f"{statistics.median(column):.3f}" for column in columns)
        ratio = f"{way.rate / ways[-1].rate:.0f}"
        grid.add_row(way.name, str(len(way.wall_seconds)), wall, f"{way.rate:,.0f}", client, remote, ratio)
    return grid


def main() -> None:
    """Backfill once, read by both ways, compare, report."""
    console = Console(width=120)
    server = Prometheus(CACHE)
    if not (CACHE / "complete").exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        console.print("backfilling (once, about a minute)")
        server.backfill(walks())
        (CACHE / "complete").touch()
    with server:
        client = RemoteReadClient(UpstreamSession(UpstreamSettings("bench", server.url)))
        matchers = parse_selector(METRIC)
        # The first read in a process loads the compiled decoder; a day-long exporter does that once.
        client.read(matchers, RANGE)
        fast = measure(
            "remote-read (pronoia)", server, N_RUNS, lambda: client.read(matchers, RANGE), lambda frame: frame
        )
        peer = PrometheusConnect(url=server.url)
        start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (RANGE.start_ms, RANGE.end_ms))
        slow = measure(
            "query_range (prometheus-api-client)",
            server,
            1,
            # 5,760 points a series lie under the API's cap of 11,000: one request, the best case for this way.
            lambda: peer.custom_query_range(METRIC, start_time=start, end_time=end, step="15"),
            matrix_frame,
        )
    assert_equal(fast.frame, slow.frame)
    console.print(table([fast, slow]))


if __name__ == "__main__":
    main()
