"""Why: the features that moved the probability most, by TreeSHAP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.models.classifiers.attribution import strongest, tree_contributions

if TYPE_CHECKING:
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.models.bottleneck.fitted import FittedRisk
    from pronoia.predictions.bottleneck import Cause


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
    columns = features.of(risk.trees.features)
    contributions = tree_contributions(risk.trees, columns) * risk.platt.weights[0]
    return strongest(contributions, risk.trees.features, n_causes)
