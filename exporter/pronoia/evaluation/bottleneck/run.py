"""Run a bottleneck backtest: fit on the past, walk the rest, score beside simple rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.bottleneck.score import JudgedRows, RecipeScore, score_recipe
from pronoia.evaluation.classification.rules import simple_rules
from pronoia.evaluation.classification.scores import (
    ReliabilityBin,
    average_precision,
    best_f1_threshold,
    precision_threshold,
    reliability,
)
from pronoia.features.labels import labels_of
from pronoia.features.matrix import features_at
from pronoia.features.slots import HIGH
from pronoia.models.bottleneck.fit import RiskSettings, fit_risk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.evaluation.bottleneck.plan import BottleneckPlan
    from pronoia.features.load import LoadHistory
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.models.bottleneck.fitted import FittedRisk

# Alarms at which the validation slice reached this precision, beside its best F1.
_PRECISE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class TargetReport:
    """What was reached on one target.

    Args:
        target: `state` or `onset`.
        n_rows: rows of the test.
        n_positives: rows where it happened.
        recipes: the rules, then the model at each threshold.
        reliability: said against happened.
        below: PR-AUC on rows now below the threshold, of the current value and of the model.
    """

    target: str
    n_rows: int
    n_positives: int
    recipes: tuple[RecipeScore, ...]
    reliability: tuple[ReliabilityBin, ...]
    below: tuple[float, float]


def run_bottleneck_backtest(
    history: LoadHistory,
    plan: BottleneckPlan,
    models: dict[str, FittedRisk],
    on_progress: Callable[[str], None],
) -> tuple[list[TargetReport], dict[str, FittedRisk]]:
    """Score each target; those without a model in `models` are fitted first.

    Args:
        history: of the recording.
        plan: the protocol.
        models: already fitted ones by target, scored on systems they may never have seen.
        on_progress: told what is being done.

    Returns:
        a report for each target, and the models that spoke.

    Raises:
        ConfigError: if the plan does not fit the recording.
        ModelError: if a part of it holds nothing to learn from.
    """
    spans, (first, end) = plan.spans(history.grid), plan.test(history.grid)
    reports, spoke = [], dict(models)
    for target in plan.targets:
        if target not in spoke:
            on_progress(f"fitting {target}")
            settings = RiskSettings.of(target, plan.seed)
            spoke[target] = fit_risk(history, target, plan.window, spans, settings)
        on_progress(f"scoring {target}")
        validation, valid_features = _judge(history, plan, target, spans.calibrate, spans.end)
        judged, features = _judge(history, plan, target, first, end)
        before, said = spoke[target].probability(valid_features), spoke[target].probability(features)
        recipes = [
            score_recipe(judged, r.name, r.score, r.threshold, is_probability=False) for r in simple_rules(features)
        ]
        for name, threshold in (
            ("model, best F1 before", best_f1_threshold(validation.happened, before)),
            (f"model, precision {_PRECISE:g} before", precision_threshold(validation.happened, before, _PRECISE)),
            ("model, probability 0.5", 0.5),
        ):
            recipes.append(score_recipe(judged, name, said, threshold, is_probability=True))
        reports.append(
            TargetReport(
                target=target,
                n_rows=len(judged.rows),
                n_positives=int(judged.happened.sum()),
                recipes=tuple(recipes),
                reliability=reliability(judged.happened, said),
                below=_below(judged, said),
            )
        )
    return reports, spoke


def _judge(
    history: LoadHistory, plan: BottleneckPlan, target: str, first: int, end: int
) -> tuple[JudgedRows, FeatureMatrix]:
    truth = labels_of(target, history, plan.window)
    scorable = truth.scorable.copy()
    scorable[:, :first] = False
    scorable[:, end:] = False
    rows, slots = np.nonzero(scorable)
    judged = JudgedRows(history, plan.window, rows, slots, truth.happened[rows, slots])
    return judged, features_at(history, rows, slots, plan.window)


def _below(judged: JudgedRows, said: NDArray[np.float64]) -> tuple[float, float]:
    load = judged.history.load[judged.rows, judged.slots]
    below = load < np.float32(HIGH)
    current = load[below].astype(np.float64)
    return average_precision(judged.happened[below], current), average_precision(judged.happened[below], said[below])
