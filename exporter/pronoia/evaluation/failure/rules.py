"""Simple rules that a model must beat, as people write them in PromQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.failure.episodes import AlarmRule
from pronoia.models.failure.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_USED, _USE = FEATURES.index("used"), FEATURES.index("use_32")

#: Each rule's score and the rule at which people use it.
SIMPLE_RULES: dict[str, AlarmRule] = {
    "always no": AlarmRule(1.0),
    "current value > 0.8": AlarmRule(0.8),
    "current value > 0.9": AlarmRule(0.9),
    "predict_linear 8m, 15m ahead": AlarmRule(1.0),
}


def rule_score(name: str, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Score of one of `SIMPLE_RULES`, float64 (n_slots,), NaN where nothing is known."""
    used = features[:, _USED].astype(np.float64)
    if name == "always no":
        return np.zeros(len(used))
    if name.startswith("predict_linear"):
        # The slope over 32 slots, a horizon on; it is kept in units of the headroom.
        return used + np.maximum(1.0 - used, 5e-3) * features[:, _USE]
    return used
