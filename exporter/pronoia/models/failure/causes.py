"""Why a failure is expected: what speaks in the trend, and TreeSHAP where trees speak as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.attribution import strongest, tree_contributions
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.fitted import TREE_FEATURES, tree_values
from pronoia.models.failure.prior import prior_values
from pronoia.models.failure.trend import earlier_log_odds, level_off_weight, rest_log_odds, trend_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.failure.fitted import FailureModel
    from pronoia.predictions.bottleneck import Cause

#: What the trend is made of: that the headroom is used up in time, that the rise may level off, how earlier ones ended.
TREND_TERMS = ("headroom_used_up", "levels_off", "earlier_rises")

#: And besides, where trees speak: how full it is, and how steady the rise.
TERMS = (*TREND_TERMS, "used", "steadiness")
# What each feature tells of; people ask why, and not which column.
_TERM_OF = {
    "used": "used",
    "rise_age": "steadiness",
    "noise_ratio": "steadiness",
    "gained_share": "levels_off",
    "levels_off": "levels_off",
    "asymptote_room": "levels_off",
    "later_slope_ratio": "levels_off",
    "above_before": "earlier_rises",
    "above_before_ratio": "earlier_rises",
    "failure_share": "earlier_rises",
    "below_peak": "earlier_rises",
    "below_highest": "earlier_rises",
    "highest_recent": "earlier_rises",
}
# Float64 (n_features, n_terms), 1 where a feature tells of a term; `use_*` say when the headroom is used up.
_TELLS_OF = np.array([[float(_TERM_OF.get(feature, TREND_TERMS[0]) == term) for term in TERMS] for feature in FEATURES])


def failure_causes(model: FailureModel, features: NDArray[np.float32], n_causes: int) -> tuple[tuple[Cause, ...], ...]:
    """For each row, what moved the log-odds most, the strongest first; rows must be known.

    The part of the trees that speaks through the trend's log-odds is shared out over the trend's terms; a prior's
    contributions are the means of its members', within the horizon. Contributions of features that tell of the same are
    added up, which TreeSHAP's allow.

    Args:
        model: whose.
        features: float32 (n_rows, n_features).
        n_causes: most causes of a row.
    """
    if not len(features):
        return ()
    terms = _trend_terms(features)
    whole = terms.sum(axis=1, keepdims=True)
    of_trend = np.full((len(features), 1), 1.0 - model.share if model.prior is None else 0.0)
    of_features = np.zeros((len(features), len(FEATURES)))
    if model.prior is not None:
        values = prior_values(features, np.ones(len(features)))
        each = [tree_contributions(member, values)[:, : len(FEATURES)] for member in model.prior.members]
        of_features += (1.0 - model.share) * np.mean(each, axis=0)
    if model.trees is not None:
        told = model.share * tree_contributions(model.trees, tree_values(features))
        through_trend = told[:, [TREE_FEATURES.index("trend_log_odds")]]
        of_features += told[:, : len(FEATURES)]
        of_trend = of_trend + np.where(np.abs(whole) > 1e-3, through_trend / np.where(whole == 0.0, 1.0, whole), 0.0)
    contributions = of_features @ _TELLS_OF
    contributions[:, : len(TREND_TERMS)] += terms * of_trend
    return strongest(contributions * model.platt.weights[0], TERMS, n_causes)


def _trend_terms(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Float64 (n_rows, 3), by whose sum the trend's log-odds are above those of a system at rest."""
    log_odds = trend_odds(features, np.ones(1)).log_odds[:, 0]
    earlier = earlier_log_odds(features)
    levels = np.log1p(-np.minimum(level_off_weight(features), 0.999))
    return np.column_stack([log_odds - rest_log_odds() - earlier - levels, levels, earlier])
