"""Made-up loads: machines with a job at a fixed hour, busy ones, idle ones, and one that is mostly off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.load import OTHERS, LoadHistory
from pronoia.features.slots import DAY
from pronoia.series import Grid, LabelSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOT_MS = 300_000
# A Monday, 00:00 UTC.
START_MS = 1_760_313_600_000


def made_up_load(n_days: int = 10, seed: int = 0) -> LoadHistory:
    """Eight subjects in two groups; the first three run a job of half an hour, each day at its own hour."""
    rng = np.random.default_rng(seed)
    n_slots = n_days * DAY
    load = np.clip(rng.gamma(2.0, 0.08, (8, n_slots)), 0.0, 0.6)
    slots = np.arange(n_slots)
    for row in range(3):
        load[row, (slots % DAY >= 60 + 50 * row) & (slots % DAY < 66 + 50 * row)] = 0.97
    for row in (3, 4):
        for start in rng.integers(0, n_slots - 12, 3 * n_days):
            load[row, start : start + 8] = rng.uniform(0.85, 1.0)
    load[6] = 0.0
    load[7, rng.random(n_slots) < 0.7] = np.nan
    others = rng.gamma(2.0, 1.0, (len(OTHERS), 8, n_slots))
    others[0] = np.clip(others[0] / 10.0, 0.0, 1.0)
    others[2, 5] = np.nan
    return load_history(load, others=others, systems=np.array([0, 0, 0, 0, 1, 1, 1, 1]))


def load_history(
    load: NDArray[np.float64],
    *,
    others: NDArray[np.float64] | None = None,
    systems: NDArray[np.int64] | None = None,
    clean_slots: int = 6,
    hold_slots: int = 1,
) -> LoadHistory:
    """A history of these loads, with nothing else known unless given."""
    n_subjects, n_slots = load.shape
    return LoadHistory(
        labels=tuple(LabelSet({"instance": f"m{row}"}) for row in range(n_subjects)),
        grid=Grid(START_MS, SLOT_MS, n_slots),
        load=load.astype(np.float32),
        others=(np.full((len(OTHERS), n_subjects, n_slots), np.nan) if others is None else others).astype(np.float32),
        static=np.full((n_subjects, 2), np.nan, np.float32),
        systems=np.zeros(n_subjects, np.int64) if systems is None else systems,
        clean_slots=clean_slots,
        hold_slots=hold_slots,
    )


def cut(history: LoadHistory, n_slots: int) -> LoadHistory:
    """The same history as it was known after so many slots."""
    return LoadHistory(
        history.labels,
        Grid(history.grid.start_ms, history.grid.step_ms, n_slots),
        history.load[:, :n_slots].copy(),
        history.others[:, :, :n_slots].copy(),
        history.static,
        history.systems,
        history.clean_slots,
        history.hold_slots,
    )
