"""Score one target: the model and each simple rule on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.bottleneck.bootstrap import average_precision_interval
from pronoia.evaluation.classification import scores
from pronoia.evaluation.classification.events import EventScore, score_events
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

# Systems with fewer positives say nothing on their own.
_LEAST_POSITIVES = 10


@dataclass(frozen=True, slots=True, eq=False)
class RecipeScore:
    """What one recipe reached on the rows of one target.

    Args:
        name: of the recipe, with its threshold.
        precision, recall, f1: of its alarms, over all rows.
        average_precision: PR-AUC of its score, and the 95 % interval over systems.
        without_top: PR-AUC without the system with most positives.
        macro_average_precision: mean over systems with at least ten positives.
        macro_recall: mean over systems with any.
        brier, brier_skill, calibration_error: of probabilities; NaN for rules that give none.
        events: alarms against overloads that began.
    """

    name: str
    precision: float
    recall: float
    f1: float
    average_precision: float
    interval: tuple[float, float]
    without_top: float
    macro_average_precision: float
    macro_recall: float
    brier: float
    brier_skill: float
    calibration_error: float
    events: EventScore


@dataclass(frozen=True, slots=True, eq=False)
class JudgedRows:
    """Rows of the test, and their truth.

    Args:
        history: what they are of.
        window: what was to be predicted.
        rows: int64 (n_rows,), subjects.
        slots: int64 (n_rows,).
        happened: bool (n_rows,).
    """

    history: LoadHistory
    window: Window
    rows: NDArray[np.int64]
    slots: NDArray[np.int64]
    happened: NDArray[np.bool_]


def score_recipe(
    judged: JudgedRows, name: str, said: NDArray[np.float64], threshold: float, *, is_probability: bool
) -> RecipeScore:
    """All figures of one recipe that alarms where `said >= threshold`."""
    happened, rows = judged.happened, judged.rows
    alarm = said >= threshold
    overall = scores.alarm_score(happened, alarm)
    positives = np.bincount(rows[happened], minlength=judged.history.n_subjects)
    others = rows != int(np.argmax(positives))
    shape = judged.history.load.shape
    scored, alarms = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    scored[rows, judged.slots] = True
    alarms[rows[alarm], judged.slots[alarm]] = True
    nan = float("nan")
    return RecipeScore(
        name=name,
        precision=overall.precision,
        recall=overall.recall,
        f1=overall.f1,
        average_precision=scores.average_precision(happened, said),
        interval=average_precision_interval(happened, said, rows),
        without_top=scores.average_precision(happened[others], said[others]),
        macro_average_precision=_macro(judged, said, positives),
        macro_recall=float(np.mean([alarm[happened & (rows == row)].mean() for row in np.flatnonzero(positives)]))
        if positives.any()
        else nan,
        brier=scores.brier_score(happened, said) if is_probability else nan,
        brier_skill=scores.brier_skill(happened, said) if is_probability else nan,
        calibration_error=scores.expected_calibration_error(happened, said) if is_probability else nan,
        events=score_events(judged.history.starts, scored, alarms, judged.window, DAY),
    )


def _macro(judged: JudgedRows, said: NDArray[np.float64], positives: NDArray[np.int64]) -> float:
    each = []
    for row in np.flatnonzero(positives >= _LEAST_POSITIVES):
        own = judged.rows == row
        each.append(scores.average_precision(judged.happened[own], said[own]))
    return float(np.mean(each)) if each else float("nan")
