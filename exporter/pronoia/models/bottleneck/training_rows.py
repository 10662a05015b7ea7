"""Which rows of a history a classifier is fitted to, and what each weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.labels import hazard_labels, labels_of
from pronoia.features.matrix import features_at
from pronoia.features.sequence import SequenceReader
from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.features.slots import Window

# The first days show no day before them.
_FIRST_SLOTS = 3 * DAY
# A subject that was never half loaded hardly has a say in what leads to an overload.
_BUSY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """Rows to fit to.

    Args:
        features: of the rows.
        happened: bool (n_rows,).
        weights: float64 (n_rows,): what a row stands for, and how much it counts.
    """

    features: FeatureMatrix
    happened: NDArray[np.bool_]
    weights: NDArray[np.float64]


def draw_rows(
    history: LoadHistory,
    target: str,
    window: Window,
    first: int,
    end: int,
    *,
    rng: np.random.Generator,
    idle_share: float = 0.05,
    busy_share: float = 0.25,
    most_positives: int | None = None,
    is_hazard: bool = False,
    warm_up_slots: int = _FIRST_SLOTS,
) -> TrainingRows:
    """All rows where it happened, and a share of the others, weighted by one over the share.

    Args:
        history: of all subjects.
        target: `state` or `onset`.
        window: what is to be predicted.
        first: first slot that may be "now"; the first three days are not drawn unless `warm_up_slots` says so.
        end: no slot from here on is looked at, neither as "now" nor by a label.
        rng: where chance comes from.
        idle_share: of the negatives of subjects that were never half loaded until `end`.
        busy_share: of the negatives of the others.
        most_positives: per subject; None takes all.
        is_hazard: whether rows are left out where it happens before the window already.
        warm_up_slots: first slots that are never "now".
    """
    truth = (hazard_labels if is_hazard else labels_of)(target, history, window)
    judged = truth.scorable.copy()
    judged[:, : max(first, warm_up_slots)] = False
    judged[:, max(end - window.last, 0) :] = False
    positive = judged & truth.happened
    busy = (np.nan_to_num(history.load[:, :end]) >= _BUSY).any(axis=1)
    shares = np.where(busy, busy_share, idle_share)
    negative = judged & ~truth.happened & (rng.random(judged.shape) < shares[:, None])
    if most_positives is not None:
        for row in np.flatnonzero(positive.sum(axis=1) > most_positives):
            kept = rng.choice(np.flatnonzero(positive[row]), most_positives, replace=False)
            positive[row] = False
            positive[row, kept] = True
    rows, slots = np.nonzero(positive | negative)
    happened = positive[rows, slots]
    weights = np.where(happened, 1.0, 1.0 / shares[rows])
    return TrainingRows(features_at(history, rows, slots, window), happened, weights)


def balance_subjects(rows: TrainingRows) -> TrainingRows:
    """Let a subject with many positives count as the square root of their number; the total stays.

    Otherwise one machine with an hourly job is a fifth of what is learnt.
    """
    subjects = rows.features.rows
    n_positives = np.bincount(subjects[rows.happened], minlength=int(subjects.max(initial=0)) + 1)
    weights = rows.weights.copy()
    balanced = n_positives[subjects[rows.happened]].astype(np.float64) ** -0.5
    weights[rows.happened] *= balanced * (len(balanced) / max(balanced.sum(), 1e-300))
    return TrainingRows(rows.features, rows.happened, weights)


def stack(parts: list[TrainingRows]) -> TrainingRows:
    """Rows of several histories together; subjects' numbers are then those of each part."""
    first = parts[0].features
    features = type(first)(
        np.concatenate([part.features.rows for part in parts]),
        np.concatenate([part.features.slots for part in parts]),
        np.vstack([part.features.values for part in parts]),
        SequenceReader(tuple(of for part in parts if part.features.sequences for of in part.features.sequences.parts)),
        first.names,
    )
    return TrainingRows(
        features, np.concatenate([part.happened for part in parts]), np.concatenate([part.weights for part in parts])
    )
