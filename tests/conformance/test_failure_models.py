"""What every model of failures in the catalogue does by being there."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.failure.catalogue import failure_model_names, make_failure_model
from pronoia.models.failure.causes import TERMS, failure_causes
from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.fitted import FailureModel
from pronoia.models.failure.learnt_rows import LearntRows
from support.headroom import history_of, leak, noise, plateau, saw_tooth

N_SLOTS = 130
TIMES = np.array([0.1, 0.25, 0.5, 1.0])
NOW = np.ones(1)


def rows() -> LearntRows:
    """Eight systems leak at different speeds and fail; eight others level off, rise again and again, or rest."""
    series, ends = [], []
    for number in range(8):
        speed = 0.009 + 0.001 * number
        series.append(leak(n_slots=N_SLOTS, per_slot=speed) + noise(N_SLOTS, number))
        ends.append(60.0 + 0.7 / speed)
    series += [plateau(n_slots=N_SLOTS, height=0.3 + 0.05 * number) for number in range(4)]
    series += [
        saw_tooth(n_slots=N_SLOTS),
        saw_tooth(n_slots=N_SLOTS, period=60),
        *(0.4 + noise(N_SLOTS, n) for n in (1, 2)),
    ]
    ends += [np.inf] * 8
    at = np.arange(10, N_SLOTS)
    systems, slots = np.repeat(np.arange(len(series)), len(at)), np.tile(at, len(series))
    features = headroom_features(history_of(*series), systems, slots)
    end = np.array(ends)[systems]
    known = np.isfinite(features[:, 0]) & (slots <= end)
    events = np.where(end - slots <= 60.0, 1_000.0 * systems + 1.0, np.nan)
    zeros = np.zeros(int(known.sum()))
    return LearntRows(features[known], systems[known].astype(np.int64), events[known], zeros, 1.0, {900: 0.0})


@pytest.fixture(scope="module", params=failure_model_names())
def model(request: pytest.FixtureRequest) -> FailureModel:
    return make_failure_model(request.param, rows())


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    return rows().features[::7]


def test_probabilities_lie_between_their_bounds_and_grow_with_time(model: FailureModel, features: np.ndarray) -> None:
    within = model.within(features, TIMES)
    for array in (within.lower, within.probability, within.upper):
        assert array.shape == (len(features), len(TIMES))
        assert ((array >= 0.0) & (array <= 1.0)).all()
        assert (np.diff(array, axis=1) >= 0.0).all()
    assert (within.lower <= within.probability).all()
    assert (within.probability <= within.upper).all()


def test_what_is_not_known_stays_unknown_and_spoils_nothing_else(model: FailureModel, features: np.ndarray) -> None:
    holes = features.copy()
    holes[::2] = np.nan
    said, whole = (model.within(each, NOW).probability[:, 0] for each in (holes, features))
    assert np.isnan(said[::2]).all()
    np.testing.assert_allclose(said[1::2], whole[1::2])


def test_a_row_is_told_the_same_whatever_stands_beside_it(model: FailureModel, features: np.ndarray) -> None:
    whole = model.within(features, TIMES).probability
    backwards = model.within(features[::-1], TIMES).probability[::-1]
    alone = np.concatenate([model.within(row[None], TIMES).probability for row in features[:20]])
    np.testing.assert_allclose(backwards, whole)
    np.testing.assert_allclose(alone, whole[:20])


def test_nothing_is_told_of_no_rows(model: FailureModel) -> None:
    assert model.within(np.empty((0, len(FEATURES)), np.float32), TIMES).probability.shape == (0, len(TIMES))


def test_extreme_features_give_probabilities(model: FailureModel) -> None:
    extremes = np.array([np.full(len(FEATURES), value) for value in (-1e6, -1.0, 0.0, 1e-30, 0.999, 1e6)], np.float32)
    # A share of rises that failed lies inside (0, 1), as features are made.
    extremes[:, FEATURES.index("failure_share")] = 0.5
    said = model.within(extremes, TIMES).probability
    assert ((said >= 0.0) & (said <= 1.0)).all()


def test_a_leak_is_likelier_than_rest_and_likelier_the_nearer_its_end(model: FailureModel) -> None:
    history = history_of(leak(n_slots=N_SLOTS, per_slot=0.011), 0.4 + noise(N_SLOTS, 5))
    early, late, rest = headroom_features(history, np.array([0, 0, 1]), np.array([75, 118, 118]))
    said = model.within(np.stack([early, late, rest]), NOW).probability[:, 0]
    assert said[1] > said[0]
    assert said[1] > 2.0 * said[2]


def test_saying_changes_nothing(model: FailureModel, features: np.ndarray) -> None:
    kept = features.copy()
    before = model.within(features, TIMES).probability
    model.within(features[::-3], TIMES)
    failure_causes(model, features[:3], 5)
    np.testing.assert_array_equal(model.within(features, TIMES).probability, before)
    np.testing.assert_array_equal(features, kept)


def test_saved_and_loaded_it_says_the_same(model: FailureModel, features: np.ndarray) -> None:
    loaded = FailureModel.from_arrays(model.to_arrays())
    np.testing.assert_allclose(
        loaded.within(features, TIMES).probability, model.within(features, TIMES).probability, rtol=1e-6
    )
    assert (loaded.n_events, loaded.speaker) == (model.n_events, model.speaker)


@pytest.mark.parametrize("name", failure_model_names())
def test_the_same_rows_give_the_same_model(name: str, features: np.ndarray) -> None:
    one, other = (make_failure_model(name, rows(), seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.within(features, NOW).probability, other.within(features, NOW).probability)


def test_causes_are_named_and_the_strongest_come_first(model: FailureModel, features: np.ndarray) -> None:
    said = model.within(features, NOW).probability[:, 0]
    # The likeliest of all has a cause; a system at rest may have none.
    assert failure_causes(model, features[[np.argmax(said)]], 4)[0]
    for causes in failure_causes(model, features[::10], 4):
        assert len(causes) <= 4
        assert {cause.feature for cause in causes} <= set(TERMS)
        weights = [abs(cause.log_odds) for cause in causes]
        assert weights == sorted(weights, reverse=True)
        assert np.isfinite(weights).all()
