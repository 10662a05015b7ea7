"""Loads to learn overloads from: recordings of any metric, with their own high quantiles for thresholds.

What leads to an overload is much the same whatever the metric is, once it is measured by its own threshold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.load import OTHERS, STATIC, LoadHistory
from pronoia.features.slots import DAY, HIGH
from pronoia.series import Grid, LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pronoia.training.prior_examples import TrainingSeries

_SLOT_SECONDS = 300.0
_LEAST_SLOTS = 4 * DAY
_QUANTILES = (0.9, 0.97, 0.99, 0.997)
# And thresholds that were never reached, as most are never on real machines.
_OVER_HIGHEST = (1.1, 1.4, 2.5)
# A threshold stands out from what is usual, or the load would be high half of the time.
_OVER_MEDIAN = 1.1
_HIGHEST = 1.5
# And thresholds that are passed most of the time, or all of it, as full disks' are, of series that vary little.
_MOSTLY_PASSED = (0.0, 0.1, 0.5)
_NARROW = 1.5
# Of long histories, so long pieces are shown once more as if nothing were known before them.
_YOUNG_SLOTS, _YOUNG_EVERY = DAY, 5 * DAY


@dataclass(frozen=True, slots=True, eq=False)
class SourceHistory:
    """Loads of one source with one threshold each.

    Args:
        source: the recording's name.
        history: its loads.
        is_young: whether nothing is known of more than a day before.
        is_mostly_high: whether its loads are above their thresholds most of the time.
    """

    source: str
    history: LoadHistory
    is_young: bool = False
    is_mostly_high: bool = False


def source_histories(series: Sequence[TrainingSeries]) -> Iterator[SourceHistory]:
    """For each source, its series as loads, once for each threshold, and pieces of them without a past."""
    for source in sorted({one.source for one in series}):
        slotted = [each for one in series if one.source == source and len(each := _slotted(one)) >= _LEAST_SLOTS]
        if not slotted:
            continue
        values = np.full((len(slotted), max(len(each) for each in slotted)), np.nan)
        for row, each in enumerate(slotted):
            values[row, : len(each)] = each
        median = np.nanmedian(values, axis=1)
        thresholds = [np.nanquantile(values, quantile, axis=1) for quantile in _QUANTILES]
        thresholds += [factor * np.nanmax(values, axis=1) for factor in _OVER_HIGHEST]
        for threshold in thresholds:
            history = _history(values, np.where(threshold > _OVER_MEDIAN * median, threshold, 0.0))
            if not history.n_subjects:
                continue
            yield SourceHistory(source, history)
            for start in range(_YOUNG_EVERY, history.grid.n_steps - _YOUNG_SLOTS, _YOUNG_EVERY):
                yield SourceHistory(source, _piece(history, start, start + _YOUNG_SLOTS), is_young=True)
        for quantile in _MOSTLY_PASSED:
            low, high = (np.nanquantile(values, share, axis=1) for share in (quantile, 0.99))
            history = _history(values, np.where((low > 0.0) & (high < _NARROW * low), low, 0.0))
            if history.n_subjects:
                yield SourceHistory(source, history, is_mostly_high=True)


def _slotted(one: TrainingSeries) -> NDArray[np.float64]:
    """The newest value of each slot; nothing where slots are finer than the recording."""
    per_slot = _SLOT_SECONDS / one.step_seconds
    if per_slot < 1.0 or one.values.min() < 0.0:
        return np.empty(0)
    ends = (np.arange(1, int(len(one.values) / per_slot) + 1) * per_slot).astype(np.int64) - 1
    return one.values[ends]


def _history(values: NDArray[np.float64], threshold: NDArray[np.float64]) -> LoadHistory:
    """Series with a positive threshold."""
    kept = np.flatnonzero(threshold > 0.0)
    scaled = np.minimum(values[kept] * (HIGH / threshold[kept])[:, None], _HIGHEST).astype(np.float32)
    n_subjects, n_slots = scaled.shape
    nothing = np.full((len(OTHERS), n_subjects, n_slots), np.nan, np.float32)
    return LoadHistory(
        labels=tuple(LabelSet({"series": str(row)}) for row in kept),
        grid=Grid(0, int(_SLOT_SECONDS * 1000), n_slots),
        load=scaled,
        others=nothing,
        static=np.full((n_subjects, len(STATIC)), np.nan, np.float32),
        # Nobody's peers: which machines belong together is not known of all recordings.
        systems=np.arange(n_subjects),
    )


def _piece(history: LoadHistory, start: int, end: int) -> LoadHistory:
    return replace(
        history,
        grid=Grid(history.grid.start_ms + start * history.grid.step_ms, history.grid.step_ms, end - start),
        load=history.load[:, start:end].copy(),
        others=history.others[:, :, start:end].copy(),
    )
