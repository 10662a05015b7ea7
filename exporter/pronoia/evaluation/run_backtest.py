"""Backtests of whole recordings over several processes."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from pronoia.evaluation.backtest_forecast import BacktestReport, backtest_query, split_queries
from pronoia.evaluation.plan import BacktestPlan
from pronoia.evaluation.sample import sample_series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pronoia.series import SeriesFrame

_Job = tuple[str, "SeriesFrame", BacktestPlan]


def run_backtests(
    recordings: Mapping[str, SeriesFrame],
    plan: BacktestPlan | None = None,
    *,
    max_series: int | None = None,
    n_workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, BacktestReport]:
    """Backtest recordings, one query at a time in each process; the result does not depend on how many there are.

    Args:
        recordings: name -> series.
        plan: the protocol.
        max_series: how large a fixed sample to take of each recording (`sample_series`); all series by default.
        n_workers: processes; 1 works in this one.
        on_progress: told after each query how many series are done, of how many.

    Returns:
        a report per recording, in the order given.
    """
    plan = plan or BacktestPlan()
    jobs: list[_Job] = []
    for name, frame in recordings.items():
        sampled = frame if max_series is None else sample_series(frame, max_series)
        jobs += [(name, query, plan) for query in split_queries(sampled)]
    # The largest first, so that no process is left alone with it at the end.
    jobs.sort(key=lambda job: -job[1].n_series)
    total, done = sum(query.n_series for _, query, _ in jobs), 0
    parts: list[BacktestReport] = []

    def collect(results: Iterable[BacktestReport]) -> None:
        nonlocal done
        for (_, query, _), part in zip(jobs, results, strict=True):
            parts.append(part)
            done += query.n_series
            if on_progress is not None:
                on_progress(done, total)

    if n_workers == 1:
        collect(map(_run, jobs))
    else:
        with multiprocessing.get_context("spawn").Pool(n_workers) as pool:
            collect(pool.imap(_run, jobs, chunksize=1))
    by_name: dict[str, list[BacktestReport]] = {name: [] for name in recordings}
    for (name, _, _), part in zip(jobs, parts, strict=True):
        by_name[name].append(part)
    return {name: BacktestReport.join(found, plan) for name, found in by_name.items()}


def _run(job: _Job) -> BacktestReport:
    _, query, plan = job
    return backtest_query(query, plan)
