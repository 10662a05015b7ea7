import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.failure.causes import TERMS, failure_causes
from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.fitted import FailureModel, prior_alone
from pronoia.models.failure.shipped import pack_prior, shipped_prior, unpack_prior
from support.headroom import history_of, leak, newest, noise, plateau, saw_tooth

TIMES = np.array([0.1, 0.2, 0.5, 1.0])
LARGEST_BYTES = 1_000_000


def _log_odds(*series, within=1.0):
    history = history_of(*series)
    return shipped_prior().odds(headroom_features(history, *newest(history)), np.array([within])).log_odds[:, 0]


def test_what_ships_is_small_and_says_the_same_when_packed_again():
    packed = pack_prior(shipped_prior())
    assert len(packed) < LARGEST_BYTES
    features = headroom_features(history_of(leak()), np.zeros(5, np.int64), np.arange(100, 105))
    again = unpack_prior(packed).odds(features, TIMES)
    assert np.array_equal(again.log_odds, shipped_prior().odds(features, TIMES).log_odds)


def test_a_leak_is_told_from_a_flat_line_and_from_what_is_rotated():
    leaks, flat, rotated = _log_odds(leak(n_slots=110), 0.4 + noise(110), saw_tooth(n_slots=190)[-110:])
    assert leaks > 2.0
    assert flat < -2.0
    assert rotated < leaks - 2.0


def test_what_levelled_off_is_less_likely_to_fail_than_what_rises():
    levelled, rising = _log_odds(plateau(n_slots=100), leak(n_slots=100, begins=40, per_slot=0.35 / 60))
    assert levelled < rising


def test_later_times_are_never_less_likely_and_members_disagree_around_the_point():
    features = headroom_features(history_of(leak()), np.zeros(60, np.int64), np.arange(60, 120))
    odds = shipped_prior().odds(features, TIMES)
    assert (np.diff(odds.log_odds, axis=1) >= 0.0).all()
    assert (odds.lower <= odds.log_odds).all()
    assert (odds.log_odds <= odds.upper).all()


def test_a_model_of_the_prior_is_saved_and_names_causes():
    model = prior_alone()
    history = history_of(leak(n_slots=110))
    features = headroom_features(history, *newest(history))
    loaded = FailureModel.from_arrays(model.to_arrays())
    assert loaded.within(features, TIMES).probability == pytest.approx(model.within(features, TIMES).probability)
    causes = failure_causes(model, features, 3)[0]
    assert {cause.feature for cause in causes} <= set(TERMS)
    assert causes[0].log_odds > 0.0


@pytest.mark.parametrize(
    ("damage", "said"),
    [(lambda data: b"x" + data, "does not begin"), (lambda data: data[:-1] + b"x", "checksum")],
)
def test_damage_is_named(damage, said):
    with pytest.raises(ModelError, match=said):
        unpack_prior(damage(pack_prior(shipped_prior())))
