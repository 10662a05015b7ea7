"""Anomaly scores of arrays, in one call and without a server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.models.anomaly.catalogue import DEFAULT_DETECTOR
from pronoia.models.anomaly.model import FALSE_ALARMS_PER_DAY, AnomalySettings, fit_anomalies

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def score_anomalies(
    train: ArrayLike,
    test: ArrayLike,
    step_seconds: float = 60,
    *,
    detector: str = DEFAULT_DETECTOR,
    false_alarms_per_day: float = FALSE_ALARMS_PER_DAY,
) -> NDArray[np.float64]:
    """How unusual each step of a system is: 1 = the line, greater is anomalous.

    A step's score depends on the history, the steps before it and itself alone: longer or shorter batches give the same
    scores. The line lies where, by the history, so many episodes of false alarms a day are to be expected; for a rate
    of 0.1 a day, have at least a week of history. Some ten microseconds a step with 38 metrics on one core.
    `pronoia.models.anomaly` tells more: expected ranges and each metric's contribution.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> cpu, memory, requests = (rng.normal(5.0, 1.0, 3000) for _ in range(3))
    >>> values = np.column_stack([cpu, memory, requests])
    >>> values[2500:2530, 0] += 30.0
    >>> scores = score_anomalies(values[:2000], values[2000:], step_seconds=300)
    >>> bool(scores[505:530].min() > 1.0 > scores[:500].max())
    True

    Args:
        train: float (n_steps, n_metrics), or (n_steps,) for one metric; evenly spaced, oldest first, NaN where there is
            no sample. It may hold some anomalies. Metrics that never move in it are not looked at.
        test: float (n_test_steps, n_metrics), the steps right after it.
        step_seconds: distance of two steps.
        detector: one of `pronoia.models.anomaly.catalogue.detector_names`.
        false_alarms_per_day: episodes a day that the line is laid for.

    Returns:
        float64 (n_test_steps,), NaN at steps without any sample.

    Raises:
        ConfigError: if an argument cannot be used; its problems say which.
        ModelError: if the history is too short or never moves.
    """
    history, new = (_columns(each) for each in (train, test))
    problems = []
    if history.ndim != 2 or not history.size:
        problems.append(ConfigProblem("train", f"shape {history.shape}, (n_steps, n_metrics) is needed"))
    elif new.ndim != 2 or new.shape[1] != history.shape[1]:
        problems.append(ConfigProblem("test", f"shape {new.shape}, (n_test_steps, {history.shape[1]}) is needed"))
    for name, value in (("step_seconds", step_seconds), ("false_alarms_per_day", false_alarms_per_day)):
        if not (math.isfinite(value) and value > 0):
            problems.append(ConfigProblem(name, f"{value} is not a positive number"))
    if problems:
        raise ConfigError(problems)
    settings = AnomalySettings(float(step_seconds), detector, float(false_alarms_per_day))
    return fit_anomalies(history, settings).score(new).score


def _columns(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    return array[:, None] if array.ndim == 1 else array
