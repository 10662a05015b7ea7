"""Scores of one forecaster on one task: MASE, mean weighted quantile loss, coverage, time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pronoia.evaluation.benchmark.protocol import DECILES, season_steps
from pronoia.evaluation.scores import coverage, weighted_quantile_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.benchmark.protocol import Task

#: The two-sided 95 % interval, whose coverage is reported beside that of the outer deciles.
_OUTER = (0.025, 0.975)
QUANTILES = (_OUTER[0], *DECILES, _OUTER[1])


class QuantileForecaster(Protocol):
    """Whatever forecasts quantiles of many series at once."""

    def __call__(
        self, values: NDArray[np.float64], *, step_seconds: float, horizon: int, quantiles: Sequence[float]
    ) -> NDArray[np.float64]:
        """Forecast all series.

        Args:
            values: float64 (n_series, n_steps), the newest value last, NaN where there is no sample.
            step_seconds: distance of two values.
            horizon: steps ahead.
            quantiles: shares in (0, 1), increasing.

        Returns:
            float64 (n_series, n_quantiles, horizon), finite, increasing over the quantiles.
        """
        ...


@dataclass(frozen=True, slots=True)
class TaskScore:
    """What a forecaster scored on a task.

    Args:
        source: name of the data set.
        term: short, medium or long.
        mase: mean over windows of the median's absolute error in units of the seasonal naive error of the context.
        crps: mean over the deciles of twice the summed pinball loss over the sum of |truth|.
        coverage_80: share of truths between the outer deciles.
        coverage_95: share of truths between the 2.5 % and the 97.5 % quantile.
        n_windows: how many windows were scored.
        seconds: wall time of one fit and forecast, mean over the windows.
    """

    source: str
    term: str
    mase: float
    crps: float
    coverage_80: float
    coverage_95: float
    n_windows: int
    seconds: float


def score_task(task: Task, forecaster: QuantileForecaster, rows_at_once: int = 32) -> TaskScore:
    """Forecast every window of a task, each from nothing but its context, and score the forecasts."""
    started = time.perf_counter()
    forecasts = [
        forecaster(
            task.contexts[first : first + rows_at_once],
            step_seconds=task.step_seconds,
            horizon=task.horizon,
            quantiles=QUANTILES,
        )
        for first in range(0, len(task.contexts), rows_at_once)
    ]
    seconds = time.perf_counter() - started
    return score_forecast(task, np.concatenate(forecasts), seconds / len(task.contexts))


def score_forecast(task: Task, forecast: NDArray[np.float64], seconds: float) -> TaskScore:
    """Score forecasts that are already there.

    Args:
        task: with the truth.
        forecast: float64 (n_windows, 11, horizon), at `QUANTILES`.
        seconds: time that one window took.

    Raises:
        ValueError: if the forecast has another shape or values that are not finite.
    """
    shape = (len(task.truths), len(QUANTILES), task.horizon)
    if forecast.shape != shape or not np.isfinite(forecast).all():
        raise ValueError(f"the forecast of {task.source} {task.term} must be finite and of shape {shape}")
    deciles = {share: forecast[:, 1 + i] for i, share in enumerate(DECILES)}
    scales = naive_errors(task)
    errors = np.abs(task.truths - deciles[0.5])
    scaled = errors[scales > 0.0] / scales[scales > 0.0, None]
    return TaskScore(
        source=task.source,
        term=task.term,
        mase=float(np.nanmean(scaled)) if np.isfinite(scaled).any() else float("nan"),
        crps=weighted_quantile_loss(task.truths, deciles),
        coverage_80=coverage(task.truths, deciles[0.1], deciles[0.9]),
        coverage_95=coverage(task.truths, forecast[:, 0], forecast[:, -1]),
        n_windows=len(task.truths),
        seconds=seconds,
    )


def naive_errors(task: Task) -> NDArray[np.float64]:
    """Mean absolute error of the seasonal naive forecast one season ahead inside each context, float64 (n_windows,).

    A context that is no longer than the season is scaled by the last value instead, as GluonTS does. NaN where no
    pair is known.
    """
    scales = np.full(len(task.contexts), np.nan)
    for row, context in enumerate(task.contexts):
        values = context[int(np.flatnonzero(np.isfinite(context))[0]) :]
        season = season_steps(task.step_seconds)
        season = season if len(values) > season else 1
        steps = np.abs(values[season:] - values[:-season])
        if np.isfinite(steps).any():
            scales[row] = np.nanmean(steps)
    return scales
