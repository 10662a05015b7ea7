"""Train a SequenceNetwork on a draw of rows (extra `neural`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.classifiers.sequence_network import (
    NetworkRows,
    NetworkSettings,
    SequenceNetwork,
    need_torch,
    squash,
    standardised,
)
from pronoia.models.classifiers.standardise import mean_and_deviation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_NAME = "sequence-network"


def fit_network(
    kind: str,
    *,
    values: NDArray[np.float32],
    read: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    happened: NDArray[np.bool_],
    weights: NDArray[np.float64],
    later: tuple[
        NDArray[np.float32], Callable[[NDArray[np.int64]], NDArray[np.float32]], NDArray[np.bool_], NDArray[np.float64]
    ],
    features: tuple[str, ...],
    settings: NetworkSettings,
) -> SequenceNetwork:
    """Train on a draw of the rows and keep the weights that were best on a later slice.

    Cost: some minutes for 150,000 rows on one core, some 90 microseconds a row when it is asked; a GPU is used for
    training when torch sees one.

    Args:
        kind: one of `NETWORKS`.
        values: float32 (n_rows, n_features), NaN where nothing is known.
        read: gives the sequences of some rows.
        happened: bool (n_rows,).
        weights: float64 (n_rows,), positive.
        later: the same four, of a slice later in time.
        features: names of the columns.
        settings: how.

    Raises:
        ModelError: if torch is not installed or cannot be imported, or a slice holds one outcome only.
    """
    need_torch()
    from pronoia.models.classifiers.network import train

    for name, outcome in (("training", happened), ("later", later[2])):
        if not outcome.any() or outcome.all():
            raise ModelError(_NAME, f"the {name} slice holds one outcome only, in {len(outcome)} rows")
    rng = np.random.default_rng(settings.seed)
    drawn, drawn_weights = _draw(happened, weights, settings.most_rows, rng)
    squashed = squash(values[drawn])
    centre, scale = (each.astype(np.float32) for each in mean_and_deviation(squashed))
    rows = NetworkRows(read(drawn), standardised(squashed, centre, scale), happened[drawn], drawn_weights)
    judged, judged_weights = _draw(later[2], later[3], settings.most_later_rows, rng)
    judged_values = standardised(squash(later[0][judged]), centre, scale)
    judge = NetworkRows(later[1](judged), judged_values, later[2][judged], judged_weights)
    return SequenceNetwork(kind, features, centre, scale, train(kind, rows, judge, settings))


def _draw(
    happened: NDArray[np.bool_], weights: NDArray[np.float64], most: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """At most so many rows, positives first, and weights that stand for those left out."""
    if len(happened) <= most:
        return np.arange(len(happened)), weights
    chosen, chosen_weights = [], []
    n_positives = min(int(happened.sum()), most // 2)
    for outcome, n in ((True, n_positives), (False, most - n_positives)):
        of = np.flatnonzero(happened == outcome)
        kept = np.sort(rng.choice(of, min(n, len(of)), replace=False))
        chosen.append(kept)
        chosen_weights.append(weights[kept] * (len(of) / max(len(kept), 1)))
    return np.concatenate(chosen), np.concatenate(chosen_weights)
