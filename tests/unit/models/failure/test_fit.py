import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.failure.blend import supervised_share
from pronoia.models.failure.causes import TREND_TERMS, failure_causes
from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.fit import FailureRows, fit_failure, fold_of_systems
from pronoia.models.failure.fitted import FailureModel, trend_alone
from pronoia.models.failure.shipped import shipped_prior
from support.headroom import history_of, leak, noise, plateau

N_SYSTEMS = 16


def _rows(n_failing: int) -> FailureRows:
    """Half of the systems leak at different speeds and fail; the others level off."""
    series, happened = [], []
    for number in range(N_SYSTEMS):
        fails = number < n_failing
        speed = 0.006 + 0.001 * (number % 5)
        values = leak(n_slots=120, per_slot=speed) if fails else plateau(n_slots=120, height=0.3 + 0.02 * number)
        series.append(values + noise(120, number))
        ahead = 60 + 0.7 / speed - np.arange(120)
        happened.append(fails & (ahead >= 0) & (ahead <= 60))
    history = history_of(*series)
    rows, slots = np.repeat(np.arange(N_SYSTEMS), 110), np.tile(np.arange(10, 120), N_SYSTEMS)
    return FailureRows(headroom_features(history, rows, slots), np.array(happened)[rows, slots], rows, n_failing)


@pytest.fixture(scope="module")
def rows():
    return _rows(8)


@pytest.fixture(scope="module")
def fitted(rows):
    return fit_failure(rows)


def test_learns_what_happened(rows, fitted):
    said = fitted.within(rows.features, np.ones(1)).probability[:, 0]
    assert said[rows.happened].mean() > 2.0 * said[~rows.happened].mean()
    assert fitted.n_events == 8
    assert fitted.share == pytest.approx(supervised_share(8))
    assert fitted.speaker == "trend"


def test_with_few_failures_the_trend_speaks_alone():
    model = fit_failure(_rows(2))
    assert model.trees is None
    assert (model.share, model.speaker) == (0.0, "trend")


def test_with_few_failures_the_prior_speaks_alone_where_it_is_given():
    few = _rows(2)
    model = fit_failure(few, prior=shipped_prior())
    assert model.trees is None
    assert model.prior is shipped_prior()
    assert not np.allclose(model.log_odds(few.features), fit_failure(few).log_odds(few.features))


def test_without_any_nothing_is_learnt():
    with pytest.raises(ModelError, match="nothing happened"):
        fit_failure(_rows(0))


def test_bounds_hold_the_probability_and_grow_with_time(rows, fitted):
    for model in (fitted, trend_alone()):
        within = model.within(rows.features[::20], np.array([0.25, 1.0]))
        assert (within.lower <= within.probability).all()
        assert (within.probability <= within.upper).all()
        assert (np.diff(within.probability, axis=1) >= 0.0).all()


def test_rows_of_which_nothing_is_known_stay_unknown(fitted):
    within = fitted.within(np.full((2, len(FEATURES)), np.nan, np.float32), np.ones(1))
    assert np.isnan(within.probability).all()


def test_saved_and_loaded_says_the_same(rows, fitted):
    loaded = FailureModel.from_arrays(fitted.to_arrays())
    assert loaded.log_odds(rows.features) == pytest.approx(fitted.log_odds(rows.features))
    with pytest.raises(ModelError, match="cannot be read"):
        FailureModel.from_arrays({})


def test_causes_name_the_trend_before_anything_was_learnt(rows, fitted):
    alone = failure_causes(trend_alone(), rows.features[-3:], 3)
    assert {cause.feature for row in alone for cause in row} <= set(TREND_TERMS)
    both = failure_causes(fitted, rows.features[np.flatnonzero(rows.happened)[-1:]], 5)
    assert both[0][0].log_odds != 0.0
    assert abs(both[0][0].log_odds) >= abs(both[0][-1].log_odds)


def test_failing_systems_are_spread_over_the_folds():
    folds = fold_of_systems(np.arange(20), np.arange(5), 5, seed=3)
    assert sorted(folds[:5]) == [0, 1, 2, 3, 4]
