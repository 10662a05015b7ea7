"""State that is kept from slot to slot says what the whole history says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.features.configured import ConfiguredFeatures, Trend
from pronoia.features.live import LiveLoad
from pronoia.features.load import LoadHistory, bridge_single_gaps
from pronoia.features.matrix import features_at
from pronoia.features.slots import DAY, WINDOWS, Window
from pronoia.series import Grid
from support.loads import made_up_load

ALL_WINDOWS = (*WINDOWS, Window(1, DAY))


def known_until(history: LoadHistory, n_slots: int, rows: np.ndarray | None = None) -> LoadHistory:
    """Of these subjects, what was known after so many slots, single gaps bridged."""
    rows = np.arange(history.n_subjects) if rows is None else rows
    return LoadHistory(
        tuple(history.labels[row] for row in rows),
        Grid(history.grid.start_ms, history.grid.step_ms, n_slots),
        bridge_single_gaps(history.load[rows, :n_slots]),
        history.others[:, rows, :n_slots].copy(),
        history.static[rows],
        history.systems[rows],
        history.clean_slots,
        history.hold_slots,
        history.asked,
        None if history.further is None else history.further[:, rows, :n_slots].copy(),
    )


def assert_same(live: LiveLoad, history: LoadHistory, slot: int) -> None:
    rows, slots = np.arange(history.n_subjects), np.full(history.n_subjects, slot)
    for window in ALL_WINDOWS:
        got, wanted = features_at(live, rows, slots, window).values, features_at(history, rows, slots, window).values
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)


def with_gaps(seed: int, n_days: int) -> LoadHistory:
    history, rng = made_up_load(n_days, seed), np.random.default_rng(seed)
    load, others = history.load.copy(), history.others.copy()
    load[rng.random(load.shape) < 0.01] = np.nan
    for row in range(5):
        start = int(rng.integers(0, load.shape[1]))
        load[row, start : start + int(rng.integers(2, 500))] = np.nan
    others[rng.random(others.shape) < 0.02] = np.nan
    static = rng.random((8, 2)).astype(np.float32)
    hold = int(rng.integers(1, 3))
    return LoadHistory(
        history.labels, history.grid, load, others, static, history.systems, int(rng.integers(1, 8)), hold
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_features_of_the_newest_slot_are_those_of_the_whole_history(seed, data):
    history = with_gaps(seed, n_days=6)
    n_slots = data.draw(st.integers(1, 5 * DAY), "slots at the start")
    live = LiveLoad.of(known_until(history, n_slots))
    for _ in range(data.draw(st.integers(1, 4), "rounds")):
        n_slots = min(n_slots + data.draw(st.integers(1, 150), "slots on"), history.grid.n_steps)
        while live.newest < n_slots - 1:
            slot = live.newest + 1
            # Seen before its time, and then as it came out.
            live.put(slot, np.where(history.load[:, slot] > 0.3, np.nan, 0.95), history.others[:, :, slot] * 2.0)
            live.put(slot, history.load[:, slot], history.others[:, :, slot])
        assert_same(live, known_until(history, n_slots), live.newest)
        assert_same(live, known_until(history, n_slots), live.oldest_now)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_subjects_come_and_go(seed, data):
    history = with_gaps(seed, n_days=5)
    joined_at = np.array(data.draw(st.lists(st.integers(0, 4 * DAY), min_size=8, max_size=8), "joined at"))
    joined_at[0] = 0
    for row in range(8):
        history.load[row, : joined_at[row]] = np.nan
        history.others[:, row, : joined_at[row]] = np.nan
    rows = np.flatnonzero(joined_at == 0)
    live = LiveLoad.of(known_until(history, 1, rows))
    gone: set[int] = set()
    for slot in range(1, 4 * DAY + 40):
        if slot % 400 == 0 and len(rows) > 2:
            gone.add(int(rows[data.draw(st.integers(1, len(rows) - 1), "goes")]))
        present = np.array([row for row in range(8) if joined_at[row] <= slot and row not in gone])
        if set(present.tolist()) != set(rows.tolist()):
            order = live.follow(
                [history.labels[row] for row in present], history.static[present], history.systems[present]
            )
            rows = present[order]
        live.put(slot, history.load[rows, slot], history.others[:, rows, slot])
    assert live.labels == tuple(history.labels[row] for row in rows)
    assert_same(live, known_until(history, live.newest + 1, rows), live.newest)


def test_what_is_forgotten_was_not_needed():
    history = with_gaps(3, n_days=125)
    live = LiveLoad.of(known_until(history, 1))
    for slot in range(1, history.grid.n_steps):
        live.put(slot, history.load[:, slot], history.others[:, :, slot])
        if slot % 8_999 == 0 or slot == history.grid.n_steps - 1:
            assert_same(live, known_until(history, slot + 1), slot)
    assert live.past.starts.first > 0


def test_rows_asked_of_every_slot_know_of_slots_that_were_filled_later():
    history, rng = with_gaps(6, n_days=4), np.random.default_rng(6)
    history.load[rng.random(history.load.shape) < 0.1] = np.nan
    live = LiveLoad.of(known_until(history, 1_000))
    for slot in range(1_000, 1_100):
        live.put(slot, np.full(8, np.nan, np.float32), history.others[:, :, slot])
        features_at(live, np.arange(8), np.full(8, slot), WINDOWS[0])
        live.put(slot, history.load[:, slot], history.others[:, :, slot])
        assert_same(live, known_until(history, slot + 1), slot)


def test_configured_features_are_those_of_the_whole_history():
    asked = ConfiguredFeatures(
        ("io",), 1, (("1h", 12), ("1d", DAY)), ("mean", "percentile_95"), (Trend("io_trend", 1, 12, is_slope=True),)
    )
    whole, rng = with_gaps(8, n_days=5), np.random.default_rng(8)
    further = rng.gamma(2.0, 1.0, (1, *whole.load.shape)).astype(np.float32)
    further[rng.random(further.shape) < 0.1] = np.nan
    history = replace(whole, asked=asked, further=further)
    live = LiveLoad.of(known_until(history, 600))
    for slot in range(600, 1_300):
        live.put(slot, history.load[:, slot], history.others[:, :, slot], history.further[:, :, slot] * 2.0)
        live.put(slot, history.load[:, slot], history.others[:, :, slot], history.further[:, :, slot])
        if slot % 97 == 0:
            assert_same(live, known_until(history, slot + 1), slot)
            order = live.follow(history.labels[::-1], history.static[::-1], history.systems[::-1])
            np.testing.assert_array_equal(order, np.arange(8)[::-1])
    with pytest.raises(ValueError, match=r"further metrics have shape \(2, 8\); \(1, 8\) is needed"):
        live.put(1_300, history.load[:, 0], history.others[:, :, 0], np.zeros((2, 8), np.float32))


def test_recent_slots_are_the_end_of_the_whole_history():
    history = with_gaps(7, n_days=4)
    live = LiveLoad.of(known_until(history, 700))
    for slot in range(700, 900):
        live.put(slot, history.load[:, slot], history.others[:, :, slot])
        if slot % 37 == 0:
            whole, recent = known_until(history, slot + 1), live.recent(100)
            assert recent.labels == whole.labels
            assert recent.grid.end_ms == whole.grid.end_ms
            for name in ("load", "is_high", "starts"):
                np.testing.assert_array_equal(getattr(recent, name), getattr(whole, name)[:, -100:], name)
            np.testing.assert_array_equal(live.n_known, np.isfinite(whole.load).sum(axis=1))


def test_slots_that_are_passed_over_are_missing():
    history = with_gaps(4, n_days=4)
    history.load[:, 700:710] = np.nan
    history.others[:, :, 700:710] = np.nan
    live = LiveLoad.of(known_until(history, 700))
    live.put(710, history.load[:, 710], history.others[:, :, 710])
    assert_same(live, known_until(history, 711), 710)


def test_what_is_old_or_has_another_shape_is_refused():
    history = made_up_load(3)
    live = LiveLoad.of(history)
    with pytest.raises(ValueError, match="slot 862 is older than the newest, 863"):
        live.put(862, history.load[:, 0], history.others[:, :, 0])
    with pytest.raises(ValueError, match="are needed"):
        live.put(864, history.load[:3, 0], history.others[:, :, 0])
    with pytest.raises(ValueError, match="from 862 on"):
        features_at(live, np.array([0]), np.array([861]), WINDOWS[0])


def test_a_subject_takes_as_much_however_long_it_lives():
    young, old = LiveLoad.of(made_up_load(1)), LiveLoad.of(made_up_load(60))
    assert young.bytes_per_subject == old.bytes_per_subject < 60_000
