from __future__ import annotations

import numpy as np

from pronoia.pipeline.slotted import on_slots
from pronoia.series import Grid, History, LabelSet, SeriesFrame

SLOT_MS = 300_000


def test_a_slot_is_worth_the_newest_sample_after_its_start_up_to_its_end() -> None:
    frame = SeriesFrame.from_series({LabelSet({}): (np.array([300_000, 300_001, 600_000]), np.array([1.0, 2.0, 3.0]))})
    values = on_slots(History.of(frame), Grid(0, SLOT_MS, 3))
    np.testing.assert_array_equal(values, [[1.0, 3.0, np.nan]])


def test_what_cannot_be_is_missing() -> None:
    times = np.arange(1, 6) * SLOT_MS
    frame = SeriesFrame.from_series({LabelSet({}): (times, np.array([-1.0, np.inf, 1e300, np.nan, 0.0]))})
    values = on_slots(History.of(frame), Grid(0, SLOT_MS, 5))
    np.testing.assert_array_equal(values, [[np.nan, np.nan, np.nan, np.nan, 0.0]])
