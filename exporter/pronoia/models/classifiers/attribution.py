"""Why trees say what they say: the features that moved them most, by TreeSHAP.

References:
    Lundberg et al., From local explanations to global understanding with explainable AI for trees, 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.predictions.bottleneck import Cause

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.classifiers.boosted_trees import BoostedTrees


def tree_contributions(trees: BoostedTrees, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """What each feature adds to the trees' log-odds, float64 (n_rows, n_features).

    Cost: some milliseconds a row; only for the rows that somebody will look at.
    """
    import xgboost

    told = trees.booster.predict(xgboost.DMatrix(values), pred_contribs=True, iteration_range=(0, trees.n_used))
    # The last column is what the trees say of any row.
    return np.asarray(told, dtype=np.float64)[:, :-1]


def strongest(
    contributions: NDArray[np.float64], features: tuple[str, ...], n_causes: int
) -> tuple[tuple[Cause, ...], ...]:
    """For each row, the largest contributions, the largest first; those that are nought are left out.

    >>> strongest(np.array([[0.1, -2.0, 0.0]]), ("a", "b", "c"), 2)
    ((Cause(feature='b', log_odds=-2.0), Cause(feature='a', log_odds=0.1)),)
    """
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :n_causes]
    return tuple(
        tuple(Cause(features[at], float(row[at])) for at in best if row[at])
        for row, best in zip(contributions, order, strict=True)
    )
