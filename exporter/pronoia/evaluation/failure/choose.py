"""At which probability to alarm: chosen on systems that are not judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.failure.episodes import AlarmRule, score_episodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.failure.recorded import SystemRecord

_QUANTILES = np.concatenate([np.linspace(0.5, 0.95, 19), np.linspace(0.96, 0.999, 14)])
_HOLDS = (1, 2, 4)
_AIM_PRECISION, _AIM_RECALL = 0.9, 0.93

#: What an alarm rule is chosen for.
AIMS = ("best F1", "precision 0.9", "recall 0.93")


@dataclass(frozen=True, slots=True)
class _Reached:
    rule: AlarmRule
    recall: float
    precision: float

    @property
    def f1(self) -> float:
        total = self.recall + self.precision
        return 2.0 * self.recall * self.precision / total if total else 0.0


def choose_rules(systems: Sequence[SystemRecord], scores: Sequence[NDArray[np.float64]]) -> dict[str, AlarmRule]:
    """For each of `AIMS`, the rule that does best on these systems.

    The best F1 of event recall and episode precision; the greatest recall at a precision of 0.9, and the greatest
    precision at a recall of 0.93, both the best F1 where the aim is not reached.

    Args:
        systems: to choose on.
        scores: what was said of each, float64 (n_slots,).
    """
    told = np.concatenate([each[np.isfinite(each)] for each in scores])
    tried = [
        _reached(systems, scores, AlarmRule(float(threshold), hold))
        for threshold in np.unique(np.quantile(told, _QUANTILES))
        for hold in _HOLDS
    ]
    best = max(tried, key=lambda each: each.f1)
    precise = [each for each in tried if each.precision >= _AIM_PRECISION and each.recall > 0.0]
    complete = [each for each in tried if each.recall >= _AIM_RECALL]
    chosen = (
        best,
        max(precise, key=lambda each: each.recall, default=best),
        max(complete, key=lambda each: each.precision, default=best),
    )
    return {aim: each.rule for aim, each in zip(AIMS, chosen, strict=True)}


def _reached(systems: Sequence[SystemRecord], scores: Sequence[NDArray[np.float64]], rule: AlarmRule) -> _Reached:
    counted = [score_episodes(system, rule.alarms(score)) for system, score in zip(systems, scores, strict=True)]
    n_events, n_announced, n_episodes, n_right = (
        sum(getattr(each, name) for each in counted) for name in ("n_events", "n_announced", "n_episodes", "n_right")
    )
    return _Reached(rule, n_announced / max(n_events, 1), n_right / max(n_episodes, 1))
