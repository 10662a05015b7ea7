"""Why: the features that moved the probability most, by TreeSHAP.

References:
    Lundberg et al., From local explanations to global understanding with explainable AI for trees, 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.predictions.bottleneck import Cause

if TYPE_CHECKING:
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.models.bottleneck.fitted import FittedRisk


def top_causes(risk: FittedRisk, features: FeatureMatrix, n_causes: int) -> tuple[tuple[Cause, ...], ...]:
    """For each row, the features with the largest contributions to the trees' log-odds, the largest first.

    Cost: some milliseconds a row; only for the rows that somebody will look at.

    Args:
        risk: whose.
        features: the rows.
        n_causes: most features of a row; those that contributed nothing are left out.
    """
    if not len(features.rows):
        return ()
    import xgboost

    told = risk.trees.booster.predict(
        xgboost.DMatrix(features.of(risk.trees.features)),
        pred_contribs=True,
        iteration_range=(0, risk.trees.n_used),
    )
    # The last column is what the trees say of any row.
    contributions = np.asarray(told, dtype=np.float64)[:, :-1] * risk.platt.weights[0]
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :n_causes]
    return tuple(
        tuple(Cause(risk.trees.features[at], float(row[at])) for at in best if row[at])
        for row, best in zip(contributions, order, strict=True)
    )
