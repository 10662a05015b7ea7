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
from pronoia.models.bottleneck.fit import calibrate_risk, fit_members, members_log_odds

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
        members: name and weight, on the scale of log-odds, of each member of the model.
        n_rows: rows of the test.
        n_positives: rows where it happened.
        recipes: the rules, each member alone where there are several, then the model at each threshold.
        reliability: said against happened.
        below: PR-AUC on rows now below the threshold, of the current value and of the model.
    """

    target: str
    members: tuple[tuple[str, float], ...]
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
        ModelError: if a part of it holds nothing to learn from, or a library is missing.
    """
    spans, (first, end) = plan.spans(history.grid), plan.test(history.grid)
    # All targets look at nearly the same rows, whose features are most of the work.
    before = _features(history, plan, spans.calibrate, spans.end - plan.window.last)
    after = _features(history, plan, first, end)
    reports, spoke = [], dict(models)
    for target in plan.targets:
        validation, valid_features = _judge(history, plan, target, before)
        if target in spoke:
            said_before = spoke[target].log_odds(valid_features)
        else:
            on_progress(f"fitting {target}")
            settings = plan.settings_of(target)
            members = fit_members(history, target, plan.window, spans, settings)
            said_before = members_log_odds(members, valid_features)
            n_overloads = int(history.starts[:, spans.calibrate : spans.end].sum())
            spoke[target] = calibrate_risk(
                target,
                plan.window,
                members,
                said=said_before,
                happened=validation.happened,
                n_overloads=n_overloads,
                settings=settings,
            )
        on_progress(f"scoring {target}")
        judged, features = _judge(history, plan, target, after)
        reports.append(_report(spoke[target], judged, features, validation, said_before))
    return reports, spoke


def _report(
    risk: FittedRisk,
    judged: JudgedRows,
    features: FeatureMatrix,
    validation: JudgedRows,
    said_before: NDArray[np.float64],
) -> TargetReport:
    said = risk.log_odds(features)
    before, now = risk.probability_of(said_before), risk.probability_of(said)
    recipes = [score_recipe(judged, r.name, r.score, r.threshold, is_probability=False) for r in simple_rules(features)]
    for i, (name, own) in enumerate(zip(risk.members, risk.own, strict=False)):
        alone = own.probability(said[:, [i]])
        threshold = best_f1_threshold(validation.happened, own.probability(said_before[:, [i]]))
        recipes.append(score_recipe(judged, f"{name} alone, best F1 before", alone, threshold, is_probability=True))
    for name, threshold in (
        ("model, best F1 before", best_f1_threshold(validation.happened, before)),
        (f"model, precision {_PRECISE:g} before", precision_threshold(validation.happened, before, _PRECISE)),
        ("model, probability 0.5", 0.5),
    ):
        recipes.append(score_recipe(judged, name, now, threshold, is_probability=True))
    return TargetReport(
        target=risk.target,
        members=tuple(zip(risk.members, risk.platt.weights.tolist(), strict=True)),
        n_rows=len(judged.rows),
        n_positives=int(judged.happened.sum()),
        recipes=tuple(recipes),
        reliability=reliability(judged.happened, now),
        below=_below(judged, now),
    )


def _features(history: LoadHistory, plan: BottleneckPlan, first: int, end: int) -> FeatureMatrix:
    """Of all rows in these slots that any target can be scored on."""
    scorable = np.zeros(history.load.shape, np.bool_)
    for target in plan.targets:
        scorable[:, first:end] |= labels_of(target, history, plan.window).scorable[:, first:end]
    rows, slots = np.nonzero(scorable)
    return features_at(history, rows, slots, plan.window)


def _judge(
    history: LoadHistory, plan: BottleneckPlan, target: str, features: FeatureMatrix
) -> tuple[JudgedRows, FeatureMatrix]:
    truth = labels_of(target, history, plan.window)
    own = features.take(np.flatnonzero(truth.scorable[features.rows, features.slots]))
    return JudgedRows(history, plan.window, own.rows, own.slots, truth.happened[own.rows, own.slots]), own


def _below(judged: JudgedRows, said: NDArray[np.float64]) -> tuple[float, float]:
    load = judged.history.load[judged.rows, judged.slots]
    below = load < np.float32(HIGH)
    current = load[below].astype(np.float64)
    return average_precision(judged.happened[below], current), average_precision(judged.happened[below], said[below])
