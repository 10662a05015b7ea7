"""What is to be learnt: whether a window ahead is overloaded, and whether an overload begins in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

#: The two targets. `state`: high at any slot of the window. `onset`: an overload begins in it, from a clean state.
TARGETS = ("state", "onset")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The truth of one target and window.

    Args:
        happened: bool (n_subjects, n_slots), as seen from each slot.
        scorable: bool (n_subjects, n_slots), whether it can be said: the slots needed are known. For onsets, also that
            the last `clean_slots` were all below the threshold, and that none begins before the window.
    """

    happened: NDArray[np.bool_]
    scorable: NDArray[np.bool_]


def state_labels(history: LoadHistory, window: Window) -> Labels:
    """Whether any slot of the window is high; scorable where the subject is known now and up to the window's end."""
    known = np.isfinite(history.load)
    return Labels(
        happened=_any_ahead(history.is_high, window.first, window.last),
        scorable=known & _all_ahead(known, 1, window.last),
    )


def onset_labels(history: LoadHistory, window: Window) -> Labels:
    """Whether an overload begins in the window."""
    known = np.isfinite(history.load)
    clean = known & ~history.is_high
    recently_clean = clean.copy()
    for slots in range(1, history.clean_slots):
        recently_clean[:, slots:] &= clean[:, :-slots]
        recently_clean[:, :slots] = False
    too_late = _any_ahead(history.starts, 1, window.first - 1)
    return Labels(
        happened=_any_ahead(history.starts, window.first, window.last),
        scorable=recently_clean & _all_ahead(known, 1, window.last) & ~too_late,
    )


def labels_of(target: str, history: LoadHistory, window: Window) -> Labels:
    """The labels of one of `TARGETS`.

    Raises:
        ValueError: if there is no such target.
    """
    if target not in TARGETS:
        raise ValueError(f"target {target!r}, one of {TARGETS} is needed")
    return (state_labels if target == "state" else onset_labels)(history, window)


def hazard_labels(target: str, history: LoadHistory, window: Window) -> Labels:
    """The same, of rows only where it has not happened before the window: what a discrete hazard is fitted to."""
    labels = labels_of(target, history, window)
    if target == "onset":
        return labels
    sooner = _any_ahead(history.is_high, 1, window.first - 1)
    return Labels(labels.happened, labels.scorable & ~sooner)


def _any_ahead(flags: NDArray[np.bool_], first: int, last: int) -> NDArray[np.bool_]:
    result = np.zeros_like(flags)
    for slots in range(first, last + 1):
        result[:, :-slots] |= flags[:, slots:]
    return result


def _all_ahead(flags: NDArray[np.bool_], first: int, last: int) -> NDArray[np.bool_]:
    result = np.ones_like(flags)
    for slots in range(first, last + 1):
        result[:, :-slots] &= flags[:, slots:]
        result[:, -slots:] = False
    return result
