"""Run a failure backtest: models and thresholds know nothing of the systems that they are judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.failure.choose import choose_rules
from pronoia.evaluation.failure.episodes import AlarmRule, EpisodeScore, score_episodes
from pronoia.evaluation.failure.rules import SIMPLE_RULES, rule_score
from pronoia.evaluation.failure.speakers import IN_TIME, fit_speakers, say
from pronoia.models.failure.fit import fold_of_systems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.failure.recorded import SystemRecord

_INNER_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What one recipe said and did on every system, in their order.

    Args:
        name: of the recipe, with how its rule was chosen.
        scores: float64 (n_slots,) of each system; a probability where `is_probability`.
        counts: its alarms against the failures.
        is_probability: whether the scores can be read as such.
    """

    name: str
    scores: tuple[NDArray[np.float64], ...]
    counts: tuple[EpisodeScore, ...]
    is_probability: bool


@dataclass(frozen=True, slots=True, eq=False)
class FailureReport:
    """The systems, and every recipe on them."""

    systems: tuple[SystemRecord, ...]
    recipes: tuple[Recipe, ...]


def run_failure_backtest(
    systems: Sequence[SystemRecord],
    on_progress: Callable[[str], None],
    *,
    n_folds: int = 10,
    seed: int = 0,
) -> FailureReport:
    """Cross-validate over systems; in each fold, thresholds are chosen by cross-validation among the others.

    Cost: some minutes for sixty systems of 300 slots, on one core.

    Args:
        systems: that share a cause, such as memory and disks.
        on_progress: told what is being done.
        n_folds: of systems.
        seed: of the draw that splits them.

    Raises:
        ModelError: if nothing happened in a fold's other systems.
    """
    folds = _folds(systems, n_folds, seed)
    said: dict[str, list[NDArray[np.float64]]] = {}
    rules: dict[str, list[AlarmRule]] = {}
    for fold in np.unique(folds):
        on_progress(f"fold {fold + 1} of {n_folds}")
        others = [system for system, own in zip(systems, folds, strict=True) if own != fold]
        inner = _said_out_of_fold(others, seed)
        speakers = fit_speakers(others, seed)
        for name, scores in inner.items():
            for aim, rule in choose_rules(others, scores).items():
                each = rules.setdefault(f"{name}, {aim} before", [AlarmRule(np.inf)] * len(systems))
                for number in np.flatnonzero(folds == fold).tolist():
                    each[number] = rule
        for number in np.flatnonzero(folds == fold).tolist():
            for name, score in say(speakers, systems[number]).items():
                said.setdefault(name, [np.empty(0)] * len(systems))[number] = score
    recipes = [simple_recipe(systems, name, rule) for name, rule in SIMPLE_RULES.items()]
    for label, chosen in rules.items():
        scores = said[label.split(",", maxsplit=1)[0]]
        recipes.append(recipe_of(label, systems, scores, chosen, is_probability=IN_TIME not in label))
    return FailureReport(tuple(systems), tuple(recipes))


def _folds(systems: Sequence[SystemRecord], n_folds: int, seed: int) -> NDArray[np.int64]:
    failing = np.array([number for number, system in enumerate(systems) if len(system.events_seconds)], np.int64)
    return fold_of_systems(np.arange(len(systems)), failing, n_folds, seed)


def _said_out_of_fold(systems: Sequence[SystemRecord], seed: int) -> dict[str, list[NDArray[np.float64]]]:
    said: dict[str, list[NDArray[np.float64]]] = {}
    folds = _folds(systems, _INNER_FOLDS, seed)
    for fold in np.unique(folds):
        speakers = fit_speakers([system for system, own in zip(systems, folds, strict=True) if own != fold], seed)
        for number in np.flatnonzero(folds == fold).tolist():
            for name, score in say(speakers, systems[number]).items():
                said.setdefault(name, [np.empty(0)] * len(systems))[number] = score
    return said


def simple_recipe(systems: Sequence[SystemRecord], name: str, rule: AlarmRule) -> Recipe:
    """One of the simple rules, as people use it."""
    scores = [rule_score(name, system.features) for system in systems]
    return recipe_of(name, systems, scores, [rule] * len(systems), is_probability=False)


def recipe_of(
    name: str,
    systems: Sequence[SystemRecord],
    scores: Sequence[NDArray[np.float64]],
    rules: Sequence[AlarmRule],
    *,
    is_probability: bool,
) -> Recipe:
    """Count what a rule for each system did with its scores."""
    counts = tuple(
        score_episodes(system, rule.alarms(score)) for system, score, rule in zip(systems, scores, rules, strict=True)
    )
    return Recipe(name, tuple(scores), counts, is_probability)
