import numpy as np
import pytest

from pronoia.features.matrix import FEATURES, features_at
from pronoia.features.slots import DAY, Window
from support.loads import cut, load_history, made_up_load

WINDOW = Window(4, 6)


def _feature(name: str, load: np.ndarray, slot: int, window: Window = WINDOW) -> float:
    matrix = features_at(load_history(load[None, :]), np.array([0]), np.array([slot]), window)
    return float(matrix.values[0, FEATURES.index(name)])


def test_names_are_unique():
    assert len(set(FEATURES)) == len(FEATURES)


def test_every_feature_has_a_name():
    history = made_up_load()
    assert features_at(history, np.array([0]), np.array([900]), WINDOW).values.shape == (1, len(FEATURES))


def test_live_rows_are_the_training_rows():
    history = made_up_load()
    rows, slots = np.arange(8).repeat(6), np.tile([0, 5, 700, 1500, 2000, 2500], 8)
    trained = features_at(history, rows, slots, WINDOW).values
    for slot in np.unique(slots).tolist():
        live = features_at(cut(history, slot + 1), np.arange(8), np.full(8, slot), WINDOW).values
        np.testing.assert_array_equal(live, trained[slots == slot])


def test_rows_do_not_depend_on_each_other():
    history = made_up_load()
    together = features_at(history, np.array([0, 3, 7]), np.array([2000, 1000, 1500]), WINDOW).values
    alone = features_at(history, np.array([3]), np.array([1000]), WINDOW).values
    np.testing.assert_array_equal(together[1:2], alone)


def test_another_subject_of_another_group_changes_nothing():
    history = made_up_load()
    changed = made_up_load()
    changed.load[4:] = 0.99
    at = np.arange(4), np.full(4, 2000)
    np.testing.assert_array_equal(features_at(history, *at, WINDOW).values, features_at(changed, *at, WINDOW).values)


def test_a_slope_is_per_slot_and_looks_half_an_hour_ahead():
    load = 0.1 + 0.01 * np.arange(20)
    assert _feature("load_slope_12", load, 19) == pytest.approx(0.01, abs=1e-6)
    assert _feature("load_extrapolated_12", load, 19) == pytest.approx(0.1 + 0.01 * 25, abs=1e-5)


def test_days_on_which_an_overload_began_in_the_window_are_counted():
    load = np.full(5 * DAY, 0.1)
    for day in range(4):
        load[day * DAY + 105 : day * DAY + 110] = 0.95
    now = 4 * DAY + 100
    assert _feature("n_days_start", load, now) == 4.0
    assert _feature("n_days_start", load, now - 20) == 0.0
    assert _feature("days_since_start", load, now) == 1.0
    assert _feature("slots_since_start", load, now) == DAY - 5
    assert _feature("median_gap", load, now) == DAY
    assert _feature("day_1_max", load, now) == pytest.approx(0.95)


def test_the_period_of_hourly_overloads_is_found():
    load = np.full(6 * DAY, 0.1)
    load[::12] = 0.95
    assert _feature("start_period", load, 5 * DAY + 20) % 12 == 0.0
    assert _feature("cycle_12_start", load, 5 * DAY + 20) > 0.3


def test_a_group_says_how_many_of_it_are_high():
    load = np.full((4, 400), 0.1)
    load[:3, 390] = 0.95
    history = load_history(load, systems=np.array([0, 0, 1, 1]))
    values = features_at(history, np.array([0, 3]), np.array([390, 390]), WINDOW).values
    assert values[:, FEATURES.index("peers_high_share")].tolist() == [1.0, 0.5]


def test_a_peer_that_always_comes_first_is_noticed():
    rng = np.random.default_rng(0)
    load = np.full((2, 20 * DAY), 0.1)
    for start in np.cumsum(rng.integers(60, 300, 40)).tolist():
        if start + 8 < load.shape[1]:
            load[0, start : start + 2] = 0.95
            load[1, start + 5 : start + 7] = 0.95
    last = int(np.flatnonzero(load_history(load).starts[0])[-1])
    values = features_at(load_history(load), np.array([1, 1]), np.array([last, last + 40]), WINDOW).values
    follows = values[:, FEATURES.index("follows_peer_start")]
    assert follows[0] > 0.8
    assert follows[1] == 0.0


@pytest.mark.parametrize("load", [np.full(600, np.nan), np.zeros(600), np.full(600, 0.95), np.full(2, 0.5)])
def test_nothing_known_and_nothing_moving_give_rows_without_infinities(load):
    matrix = features_at(load_history(load[None, :]), np.array([0]), np.array([len(load) - 1]), WINDOW)
    assert not np.isinf(matrix.values).any()


def test_slots_outside_the_history_are_refused():
    with pytest.raises(ValueError, match="of a history of 2880"):
        features_at(made_up_load(), np.array([0]), np.array([2880]), WINDOW)
    with pytest.raises(ValueError, match="of a history of 8 subjects"):
        features_at(made_up_load(), np.array([8]), np.array([5]), WINDOW)
