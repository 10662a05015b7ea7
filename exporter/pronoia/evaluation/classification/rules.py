"""Simple rules that a model must beat: what anybody can do without one.

Each gives a score per row, higher for more likely, and the threshold at which people use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.matrix import FEATURES
from pronoia.features.slots import HIGH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.matrix import FeatureMatrix

# Where people put a warning who watch for 90 %.
_WARNING = 0.72
_DAYS_IN_SEVEN = 3
_HOUR_AHEAD = 6


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule on some rows.

    Args:
        name: as in reports.
        score: float64 (n_rows,).
        threshold: the rule alarms where score >= threshold.
    """

    name: str
    score: NDArray[np.float64]
    threshold: float


def simple_rules(features: FeatureMatrix) -> tuple[Rule, ...]:
    """The rules, on rows made by `features_at`.

    `always no`; `persistence`: as it is now; `current value`: a warning at 0.8 of the threshold; `predict_linear`: the
    last hour's line half an hour on, as in Prometheus; `same window`: overloads began in it on 3 of the last 7 days.
    """
    load = np.nan_to_num(_column(features, "load"))
    line = np.nan_to_num(_column(features, "load_extrapolated_12"))
    days = np.nan_to_num(_column(features, "n_days_start"))
    return (
        Rule("always no", np.zeros(len(load)), 1.0),
        Rule("persistence", (load >= np.float32(HIGH)).astype(np.float64), 1.0),
        Rule("current value", load, _WARNING),
        Rule("predict_linear 1h", line, HIGH),
        Rule("same window, 3 of 7 days", days, float(_DAYS_IN_SEVEN)),
    )


def _column(features: FeatureMatrix, name: str) -> NDArray[np.float64]:
    column: NDArray[np.float64] = features.values[:, FEATURES.index(name)].astype(np.float64)
    return column
