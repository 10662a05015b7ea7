"""Fit the prior of failures: classifiers of systems that are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.boosted_trees import TreeSettings, fit_trees
from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.headroom import SLOTS_PER_HORIZON
from pronoia.models.failure.horizons import PARTS
from pronoia.models.failure.prior import PRIOR_FEATURES, FailurePrior, prior_values
from pronoia.training.failure_rest import N_SLOTS
from pronoia.training.failure_systems import made_system

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rows = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]

# Small enough to be shipped; deeper and longer ones are hardly better on systems that they were not fitted to.
_TREES = TreeSettings(
    n_trees=150, depth=5, learning_rate=0.12, least_weight=20.0, row_share=0.7, column_share=0.8, n_bins=128
)
_MEMBERS = 3
# Of each member's systems, those that its trees are stopped on; neighbouring slots say the same.
_STOP_SHARE, _STRIDE = 0.1, 2
# For so many slots after a failure a system is being repaired.
_REPAIR_SLOTS = 10


def fit_failure_prior(n_systems: int, seed: int, report: Callable[[str], None]) -> FailurePrior:
    """Fit members to systems of their own.

    Cost: some two minutes for 6000 systems a member, on one core.

    Args:
        n_systems: for each member.
        seed: of all that is drawn.
        report: told of progress.

    Raises:
        ModelError: if too few systems are made up for any of them to fail.
    """
    members = []
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(_MEMBERS)):
        rng = np.random.default_rng(child)
        n_stop = round(_STOP_SHARE * n_systems)
        grown, later = _rows(rng, n_systems - n_stop), _rows(rng, n_stop)
        trees = fit_trees(*grown, later, features=PRIOR_FEATURES, settings=_TREES)
        report(f"member {number + 1} of {_MEMBERS}: {len(grown[0])} rows, {trees.n_used} trees")
        members.append(trees)
    return FailurePrior(tuple(members))


def _rows(rng: np.random.Generator, n_systems: int) -> Rows:
    each = [_rows_of_system(rng) for _ in range(n_systems)]
    values = np.concatenate([values for values, _ in each])
    return values, np.concatenate([happened for _, happened in each]), np.ones(len(values))


def _rows_of_system(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    history = made_system(rng)
    slots = np.arange(int(rng.integers(_STRIDE)), N_SLOTS, _STRIDE)
    features = headroom_features(history, np.zeros(len(slots), np.int64), slots)
    failures = np.flatnonzero(history.failed[0])
    place = np.searchsorted(failures, slots)
    ahead = np.append(failures, np.inf)[place] - slots
    since = slots - np.append(-np.inf, failures)[place]
    within = rng.choice(PARTS, len(slots))
    happened = ahead <= within * SLOTS_PER_HORIZON
    is_known = happened | (slots < N_SLOTS - within * SLOTS_PER_HORIZON)
    kept = is_known & (since > _REPAIR_SLOTS) & np.isfinite(features[:, 0])
    return prior_values(features[kept], within[kept]), happened[kept]
