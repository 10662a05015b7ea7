"""Fit what failures teach: trees on all systems, calibrated on what trees say that never saw the system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.classifiers.boosted_trees import TreeSettings, fit_trees
from pronoia.models.classifiers.platt import fit_platt
from pronoia.models.failure.blend import LEAST_EVENTS, LEAST_SYSTEMS, supervised_share
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.fitted import TREE_FEATURES, FailureModel, told_odds, tree_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.classifiers.boosted_trees import BoostedTrees
    from pronoia.models.classifiers.platt import PlattScaling
    from pronoia.models.failure.prior import FailurePrior

#: Few systems: shallow trees, and a number of them that is given, since none can be spared to stop by.
FAILURE_TREES = TreeSettings(
    n_trees=150, depth=3, learning_rate=0.05, least_weight=10.0, row_share=0.7, column_share=0.6
)
_FOLDS = 5
_NOW = np.ones(1)


@dataclass(frozen=True, slots=True, eq=False)
class FailureRows:
    """Rows with a known outcome.

    Args:
        features: float32 (n_rows, n_features), as `headroom_features` gives them, none NaN.
        happened: bool (n_rows,), whether the failure came within the horizon.
        systems: int64 (n_rows,), each row's system.
        n_events: failures that the rows are of.
    """

    features: NDArray[np.float32]
    happened: NDArray[np.bool_]
    systems: NDArray[np.int64]
    n_events: int

    def __post_init__(self) -> None:
        if self.features.shape != (len(self.happened), len(FEATURES)) or len(self.systems) != len(self.happened):
            raise ValueError(
                f"features {self.features.shape}, happened {self.happened.shape}, systems {self.systems.shape}; "
                f"(n, {len(FEATURES)}), (n,) and (n,) are needed"
            )


def calibrate(rows: FailureRows, prior: FailurePrior | None = None) -> FailureModel:
    """The prior, or the trend where there is none, calibrated on what happened.

    Raises:
        ModelError: if nothing happened.
    """
    return FailureModel(_calibrated(told_odds(prior, rows.features, _NOW).log_odds, rows), prior=prior)


def fit_failure(
    rows: FailureRows, settings: TreeSettings = FAILURE_TREES, seed: int = 0, prior: FailurePrior | None = None
) -> FailureModel:
    """Trees and their calibration; with fewer than five failures of three systems, the calibration alone.

    Cost: some seconds for ten thousand rows, on one core.

    Args:
        rows: what happened.
        settings: how trees are grown.
        seed: of the draw that splits systems.
        prior: what trees are blended with; None takes the trend.

    Raises:
        ModelError: if nothing happened, or always.
    """
    failing = np.unique(rows.systems[rows.happened])
    if rows.n_events < LEAST_EVENTS or len(failing) < LEAST_SYSTEMS:
        return replace(calibrate(rows, prior), n_events=rows.n_events)
    share = supervised_share(rows.n_events)
    told = told_odds(prior, rows.features, _NOW).log_odds
    blended = (1.0 - share) * told + share * _out_of_fold(rows, settings, seed)[:, None]
    return FailureModel(_calibrated(blended, rows), _grown(rows, settings), rows.n_events, prior)


def fold_of_systems(
    systems: NDArray[np.int64], failing: NDArray[np.int64], n_folds: int, seed: int
) -> NDArray[np.int64]:
    """A fold for each of some systems, int64 (n_systems,): those that fail are spread evenly, the others as well."""
    rng = np.random.default_rng(seed)
    folds = np.empty(len(systems), np.int64)
    for group in (np.isin(systems, failing), ~np.isin(systems, failing)):
        places = rng.permutation(np.flatnonzero(group))
        folds[places] = np.arange(len(places)) % n_folds
    return folds


def _out_of_fold(rows: FailureRows, settings: TreeSettings, seed: int) -> NDArray[np.float64]:
    present = np.unique(rows.systems)
    folds = fold_of_systems(present, np.unique(rows.systems[rows.happened]), _FOLDS, seed)
    fold = folds[np.searchsorted(present, rows.systems)]
    said = np.empty(len(rows.happened))
    for number in np.unique(fold):
        others, own = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        part = replace(
            rows, features=rows.features[others], happened=rows.happened[others], systems=rows.systems[others]
        )
        said[own] = _grown(part, settings).log_odds(tree_values(rows.features[own]))
    return said


def _grown(rows: FailureRows, settings: TreeSettings) -> BoostedTrees:
    values, weights = tree_values(rows.features), np.ones(len(rows.happened))
    later = (values, rows.happened, weights)
    return fit_trees(values, rows.happened, weights, later, features=TREE_FEATURES, settings=settings)


def _calibrated(log_odds: NDArray[np.float64], rows: FailureRows) -> PlattScaling:
    n_positives = int(rows.happened.sum())
    if not n_positives:
        raise ModelError("failure", "nothing happened within the horizon of any row")
    return fit_platt(log_odds, rows.happened, np.ones(1), rows.n_events * len(rows.happened) / n_positives)
