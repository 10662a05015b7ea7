"""Rolling-origin backtest of forecasts over a recording.

A recording's series are grouped into queries: one per metric name, and per recording end where series of one metric
end on different days. Each query is walked forward in time (`walk`), and every series' scores are added up.

How constants were chosen: members, margins, rates and the intervals' prior of `pronoia.models.forecast` were set by
looking at backtests of `crane`, `alibaba`, `clusters` and 24 VMs of `bitbrains`, 12 of which are the first 12 of the
fixed sample of 60 (`max_series=480`); the other VMs and all other recordings had no part in it. Constants are the same
for every recording. Figures on the first three are therefore not out of sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.evaluation.plan import BacktestPlan
from pronoia.evaluation.series_score import SeriesScore
from pronoia.evaluation.walk import walk

if TYPE_CHECKING:
    from pronoia.series import SeriesFrame

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, eq=False)
class BacktestReport:
    """What a backtest found.

    Args:
        plan: the protocol.
        scores: one per series that was forecast at least once.
        skipped: how often a series was not forecast, by reason.
        n_fits: fits of one series at one origin.
        guarded: how many of those used the guard.
        fit_seconds: processor time of all fits.
    """

    plan: BacktestPlan
    scores: tuple[SeriesScore, ...]
    skipped: dict[str, int]
    n_fits: int
    guarded: int
    fit_seconds: float

    @property
    def seconds_per_series(self) -> float:
        """Mean time of one fit of one series, backtest included."""
        return self.fit_seconds / self.n_fits if self.n_fits else float("nan")

    @staticmethod
    def join(parts: list[BacktestReport], plan: BacktestPlan) -> BacktestReport:
        """One report of several (or none), in order of metric and labels."""
        skipped: dict[str, int] = {}
        for part in parts:
            for reason, count in part.skipped.items():
                skipped[reason] = skipped.get(reason, 0) + count
        return BacktestReport(
            plan=plan,
            scores=tuple(sorted((s for part in parts for s in part.scores), key=lambda s: s.labels)),
            skipped=skipped,
            n_fits=sum(part.n_fits for part in parts),
            guarded=sum(part.guarded for part in parts),
            fit_seconds=sum(part.fit_seconds for part in parts),
        )


def backtest_forecasts(frame: SeriesFrame, plan: BacktestPlan | None = None) -> BacktestReport:
    """Walk every query of a recording and score what it forecast.

    Args:
        frame: a recording's series.
        plan: the protocol; the default is the one of the README's table.
    """
    plan = plan or BacktestPlan()
    return BacktestReport.join([backtest_query(query, plan) for query in split_queries(frame)], plan)


def split_queries(frame: SeriesFrame) -> list[SeriesFrame]:
    """Frames of the series that have one metric name and end on one day, in order of name and end."""
    groups: dict[tuple[str, int], list[int]] = {}
    for row, (labels, times, _) in enumerate(frame):
        if len(times):
            groups.setdefault((labels.name, int(times[-1]) // _DAY_MS), []).append(row)
    return [frame.take(groups[key]) for key in sorted(groups)]


def backtest_query(frame: SeriesFrame, plan: BacktestPlan) -> BacktestReport:
    """Walk one query; the series share their calibration."""
    horizon_steps = [horizon_ms // plan.step_ms for horizon_ms in plan.horizons_ms]
    scores = {labels: SeriesScore(labels, len(horizon_steps)) for labels in frame.labels}
    skipped: dict[str, int] = {}
    n_fits = guarded = 0
    fit_seconds = 0.0
    for result in walk(frame, plan):
        for row, labels in enumerate(result.forecast.labels):
            scores[labels].add(result, row, horizon_steps)
        for _, reason in result.skipped:
            skipped[reason] = skipped.get(reason, 0) + 1
        n_fits += result.forecast.n_series
        guarded += result.guarded
        fit_seconds += result.fit_seconds
    forecast = tuple(score for score in scores.values() if score.n_known)
    return BacktestReport(plan, forecast, skipped, n_fits, guarded, fit_seconds)
