import numpy as np
import pytest

from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.fitted import trend_alone
from pronoia.models.failure.headroom import HeadroomHistory, held
from pronoia.models.failure.trend import level_off_weight, trend_odds
from support.headroom import history_of, leak, newest, noise, plateau, saw_tooth


def _probability(history, within=1.0):
    features = headroom_features(history, *newest(history))
    return trend_alone().within(features, np.array([within])).probability[:, 0]


def test_a_leak_that_has_lasted_is_announced_and_a_flat_line_is_not():
    leaks, flat = leak(n_slots=110), 0.4 + noise(110)
    said = _probability(history_of(leaks, flat))
    assert said[0] > 0.5
    assert said[1] < 0.2


def test_the_nearer_the_limit_the_more_likely_it_is_reached():
    said = [_probability(history_of(leak(n_slots=n)))[0] for n in (75, 90, 105, 120)]
    assert said == sorted(said)


def test_a_plateau_is_told_from_a_leak_of_the_same_height():
    levelled, straight = plateau(n_slots=100), leak(n_slots=100, begins=40, per_slot=0.35 / 60)
    said = _probability(history_of(levelled, straight))
    assert said[0] < said[1]
    warming = history_of(plateau(n_slots=60, begins=0))
    assert level_off_weight(headroom_features(warming, np.array([0]), np.array([30])))[0] > 0.9


def test_what_was_rotated_before_is_expected_to_be_rotated_again():
    tooth = saw_tooth(n_slots=190)
    first = saw_tooth(n_slots=30)
    said = _probability(history_of(tooth)), _probability(history_of(first))
    assert said[0][0] < 0.5 * said[1][0]


def test_what_failed_before_is_expected_to_fail_again():
    tooth = saw_tooth(n_slots=190, high=1.0)
    falls = tuple((0, slot) for slot in (40, 80, 120, 160))
    assert _probability(history_of(tooth, failed=falls))[0] > _probability(history_of(tooth))[0]


def test_growth_with_the_load_is_not_taken_for_a_leak():
    load = np.sin(np.arange(200) / 12.0)
    used = 0.5 + 0.3 * load + noise(200)
    slot = 176  # half-way up
    knows = HeadroomHistory(used[None, :], load[None, :], np.zeros((1, 200), np.bool_))
    use = FEATURES.index("use_16")
    told = [headroom_features(each, np.array([0]), np.array([slot]))[0, use] for each in (knows, history_of(used))]
    assert abs(told[0]) < 0.5 < abs(told[1])


def test_ten_minutes_are_enough_to_say_something_and_two_are_not():
    rising = leak(n_slots=40, begins=0, per_slot=0.015)
    known = headroom_features(history_of(rising), np.array([0, 0]), np.array([39, 5]))
    assert np.isfinite(known[0]).all()
    assert np.isnan(known[1]).all()


def test_later_times_are_never_less_likely():
    features = headroom_features(history_of(leak()), np.zeros(60, np.int64), np.arange(60, 120))
    odds = trend_odds(features, np.array([0.1, 0.5, 1.0]))
    assert (np.diff(odds.log_odds, axis=1) >= 0.0).all()
    assert (odds.lower <= odds.log_odds).all()
    assert (odds.log_odds <= odds.upper).all()


def test_a_short_gap_is_held_and_a_long_one_begins_anew():
    values = leak(n_slots=100)
    values[80:83] = np.nan
    assert np.isfinite(held(values[None, :])).all()
    values[70:90] = np.nan
    features = headroom_features(history_of(held(values[None, :])[0]), np.array([0, 0]), np.array([92, 99]))
    assert np.isnan(features[0, 0])
    assert np.isfinite(features[1, 0])


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match="load has shape"):
        HeadroomHistory(np.zeros((2, 3)), np.zeros((2, 4)), np.zeros((2, 3), np.bool_))
    with pytest.raises(ValueError, match="a slot is outside"):
        headroom_features(history_of(leak()), np.array([0]), np.array([500]))
