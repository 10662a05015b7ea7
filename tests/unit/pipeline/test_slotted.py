from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.pipeline.bottleneck_input import _joined
from pronoia.pipeline.slotted import SlottedHistories
from pronoia.series import Grid, History, LabelSet, SeriesFrame

SLOT_MS = 300_000
RNG = np.random.default_rng(3)
TIMES = np.cumsum(RNG.integers(20_000, 200_000, 2000))
VALUES = {name: RNG.random(len(TIMES)) for name in "ab"}


def history(until_ms: int, names: str = "ab") -> History:
    seen = TIMES[until_ms >= TIMES]
    return History.of(
        SeriesFrame.from_series({LabelSet({"i": name}): (seen, VALUES[name][: len(seen)]) for name in names})
    )


def grid(now_ms: int, n_slots: int = 50) -> Grid:
    return Grid(((now_ms - 1) // SLOT_MS - n_slots + 1) * SLOT_MS, SLOT_MS, n_slots)


def placed(slotted: SlottedHistories, now_ms: int, names: str = "ab") -> np.ndarray:
    return slotted.values("q", history(now_ms, names), grid(now_ms), 300_000)


@settings(deadline=None)
@given(st.lists(st.integers(20_000_000, 200_000_000), min_size=2, max_size=6))
def test_what_is_remembered_is_what_would_be_placed_anew(instants: list[int]) -> None:
    slotted = SlottedHistories()
    for number, now_ms in enumerate(instants):
        names = "a" if number == 3 else "ab"
        np.testing.assert_array_equal(placed(slotted, now_ms, names), placed(SlottedHistories(), now_ms, names))


def test_a_slot_is_worth_the_newest_sample_after_its_start_up_to_its_end() -> None:
    frame = SeriesFrame.from_series({LabelSet({}): (np.array([300_000, 300_001, 600_000]), np.array([1.0, 2.0, 3.0]))})
    values = SlottedHistories().values("q", History.of(frame), Grid(0, SLOT_MS, 3), 0)
    np.testing.assert_array_equal(values, [[1.0, 3.0, np.nan]])


def test_what_cannot_be_is_missing() -> None:
    times = np.arange(1, 6) * SLOT_MS
    frame = SeriesFrame.from_series({LabelSet({}): (times, np.array([-1.0, np.inf, 1e300, np.nan, 0.0]))})
    values = SlottedHistories().values("q", History.of(frame), Grid(0, SLOT_MS, 5), 0)
    np.testing.assert_array_equal(values, [[np.nan, np.nan, np.nan, np.nan, 0.0]])


def test_devices_of_a_system_are_joined() -> None:
    nan = np.nan
    values = np.array([[1024.0, nan], [2048.0, nan], [nan, 1024.0], [0.5, 0.5]], np.float32)
    rows = [[0, 1, 2], [], [3]]
    np.testing.assert_allclose(
        _joined(values, rows, is_ratio=False), np.log1p([[3.0, 1.0], [nan, nan], [0.5 / 1024] * 2]), rtol=1e-6
    )
    np.testing.assert_array_equal(_joined(values, rows, is_ratio=True), [[2048.0, 1024.0], [nan, nan], [0.5, 0.5]])
