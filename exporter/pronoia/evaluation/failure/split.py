"""Split by time: fit on the first part of every system, choose thresholds on its end, judge the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pronoia.evaluation.failure.choose import choose_rules
from pronoia.evaluation.failure.rules import SIMPLE_RULES
from pronoia.evaluation.failure.run import FailureReport, Recipe, recipe_of, simple_recipe
from pronoia.evaluation.failure.speakers import IN_TIME, fit_speakers, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.evaluation.failure.recorded import SystemRecord

# Of what comes before the test: models are fitted to this much, thresholds are chosen on the rest.
_FIT_SHARE = 0.7


def run_time_split(systems: Sequence[SystemRecord], train_share: float, *, seed: int = 0) -> FailureReport:
    """Judge the newest part of each system, from models of the parts before.

    Args:
        systems: that share a cause.
        train_share: of each system's slots that come before the test, 0-1.
        seed: of the draw that splits systems for the calibration.

    Raises:
        ModelError: if nothing happened in the part that models are fitted to.
    """
    speakers = fit_speakers([_part(system, 0.0, train_share * _FIT_SHARE) for system in systems], seed)
    chosen_on = [_part(system, train_share * _FIT_SHARE, train_share) for system in systems]
    judged = [_part(system, train_share, 1.0) for system in systems]
    before: dict[str, list[NDArray[np.float64]]] = {}
    after: dict[str, list[NDArray[np.float64]]] = {}
    for parts, told in ((chosen_on, before), (judged, after)):
        for part in parts:
            for name, score in say(speakers, part).items():
                told.setdefault(name, []).append(score)
    recipes: list[Recipe] = [simple_recipe(judged, name, rule) for name, rule in SIMPLE_RULES.items()]
    for name, scores in before.items():
        for aim, rule in choose_rules(chosen_on, scores).items():
            rules = [rule] * len(judged)
            recipes.append(
                recipe_of(f"{name}, {aim} before", judged, after[name], rules, is_probability=IN_TIME not in name)
            )
    return FailureReport(tuple(judged), tuple(recipes))


def _part(system: SystemRecord, first_share: float, end_share: float) -> SystemRecord:
    n_slots = len(system.at_seconds)
    first, end = round(first_share * n_slots), round(end_share * n_slots)
    at = system.at_seconds[first:end]
    inside = (system.events_seconds > at[0]) & (system.events_seconds <= at[-1])
    return replace(
        system, at_seconds=at, features=system.features[first:end], events_seconds=system.events_seconds[inside]
    )
