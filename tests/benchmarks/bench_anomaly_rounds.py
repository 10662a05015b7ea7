"""What watching for the unusual costs the exporter: processor time to learn, and of a round of newest values.

A made-up week of minutes; what is read comes from memory.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from pronoia.config.load import parse
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.anomaly_cycle import AnomalyCycle
from pronoia.pipeline.anomaly_reader import AnomalyReader
from pronoia.series import LabelSet, SeriesFrame
from pronoia.threads import compute_on_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pronoia.series import TimeRange

CONSOLE = Console(width=180, highlight=False)
START, STEP_MS, DAYS = 1_795_000_020, 60_000, 7
NOW = START + DAYS * 86_400
N_ROUNDS = 5


class MadeUp:
    """Noise of some subjects, by query."""

    def __init__(self, n_subjects: int, n_queries: int) -> None:
        n_steps = DAYS * 1_440 + 60
        self.values = np.random.default_rng(0).normal(0.5, 0.02, (n_queries, n_subjects, n_steps))
        self.labels = [LabelSet({"instance": f"host-{number}"}) for number in range(n_subjects)]

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        """The samples of a range; the query's number is the end of its expression."""
        first_ms = START * 1_000
        begin = max(-(-(time_range.start_ms - first_ms) // STEP_MS), 0)
        end = (time_range.end_ms - first_ms) // STEP_MS + 1
        of_query = self.values[int(expression.removeprefix("metric_"))][:, begin:end]
        times = first_ms + STEP_MS * np.arange(begin, begin + of_query.shape[1], dtype=np.int64)
        return SeriesFrame.from_series(dict(zip(self.labels, ((times, values) for values in of_query), strict=True)))

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        """All of it at once."""
        yield self.read(expression, time_range, step_ms)


class Here:
    """Does the work of a pool in this process, and tells how long that took."""

    seconds = 0.0

    def submit_work(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        """Done at once."""
        future: Future[Any] = Future()
        started = time.process_time()
        future.set_result(work(*args))
        self.seconds += time.process_time() - started
        return future


def main() -> None:
    """One line for series, one for systems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=200)
    subjects = parser.parse_args().subjects
    header = f"{'watched':32}{'learn, ms':>12}{'round, ms':>12}   of each"
    CONSOLE.print(header)
    # As the exporter and its workers do.
    compute_on_one_thread()
    for n_queries in (1, 12):
        measure(subjects, n_queries)


def measure(n_subjects: int, n_queries: int) -> None:
    """Learn a week, then go on minute by minute."""
    names = [f"q{number}" for number in range(n_queries)]
    queries = "".join(f"  - {{name: {name}, expr: metric_{name[1:]}}}\n" for name in names)
    watched = f"systems: [{{name: host, by: [instance], queries: [{', '.join(names)}]}}]"
    section = "series: [{query: q0}]" if n_queries == 1 else watched
    (watch,) = parse(f"presets: []\nqueries:\n{queries}anomaly:\n  {section}\n", "benchmark").resolved_watches()
    pool, reader = (
        Here(),
        AnomalyReader(watch, lambda _: None, {"prometheus": MadeUp(n_subjects, n_queries)}, max_series=10**6),
    )
    cycle = AnomalyCycle(watch, reader, pool=pool, telemetry=Telemetry())
    while cycle.risk is None or cycle.risk.n_subjects < n_subjects:
        cycle.run(NOW)
    cycle.run(NOW + 60)
    started = time.process_time()
    for number in range(2, 2 + N_ROUNDS):
        cycle.run(NOW + 60 * number)
    round_ms = (time.process_time() - started) / N_ROUNDS / n_subjects * 1e3
    what = f"{n_subjects} {'series' if n_queries == 1 else f'systems of {n_queries} metrics'}"
    learn_ms = pool.seconds / n_subjects * 1e3
    CONSOLE.print(f"{what:32}{learn_ms:12.2f}{round_ms:12.2f}")


if __name__ == "__main__":
    main()
