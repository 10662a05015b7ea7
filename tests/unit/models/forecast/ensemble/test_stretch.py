from statistics import NormalDist

import numpy as np
import pytest

from pronoia.models.forecast.ensemble.backtest import make_trial
from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.quantiles import SHARES
from pronoia.models.forecast.ensemble.stretch import measure_stretch, stretched, truth_scores

SCORES = np.array([NormalDist().inv_cdf(share) for share in SHARES])
N_STEPS, HORIZON = 6_000, 24


def _asked(values: np.ndarray, spread: float):
    """A backtest in which every quantile is that of a normal distribution around the series' centre."""
    panel = make_panel(values, 60.0)
    trial = make_trial(panel, HORIZON)
    shape = (panel.n_series, trial.origins.shape[1], len(SHARES), len(trial.ahead))
    return panel, trial, np.broadcast_to((spread * SCORES)[:, None], shape).copy()


def _measured(values: np.ndarray, spread: float) -> np.ndarray:
    panel, trial, mixture = _asked(values, spread)
    return measure_stretch(panel, trial, truth_scores(panel, trial, mixture))


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).normal(size=(40, N_STEPS))


def test_quantiles_that_hold_what_they_should_are_hardly_moved(noise):
    stretch = _measured(noise, 1.0)
    assert np.abs(np.log(stretch)).mean() < 0.12


def test_quantiles_half_as_wide_as_the_truth_are_widened(noise):
    stretch = _measured(noise, 0.5)
    assert (stretch[:, :, :2].mean(axis=1) > 1.3).all()


def test_a_short_history_is_less_sure_of_far_horizons():
    short = np.random.default_rng(1).normal(size=(1, 80))
    long = np.random.default_rng(1).normal(size=(1, N_STEPS))
    assert _measured(short, 1.0)[:, :, 2].mean() > _measured(long, 1.0)[:, :, 2].mean()


def test_deciles_stay_and_order_is_kept():
    quantiles = np.sort(np.random.default_rng(2).normal(size=(3, 15, HORIZON)), axis=1)
    stretch = np.full((2, 3, 5), 2.0)
    wider = stretched(quantiles, stretch)
    np.testing.assert_array_equal(wider[:, 3:12], quantiles[:, 3:12])
    assert (np.diff(wider, axis=1) >= 0.0).all()
    assert (wider[:, 1] <= quantiles[:, 1]).all()


def test_a_stretch_of_one_changes_nothing():
    quantiles = np.sort(np.random.default_rng(2).normal(size=(3, 15, HORIZON)), axis=1)
    np.testing.assert_allclose(stretched(quantiles, np.ones((2, 3, 5))), quantiles)


def test_a_plateau_stays_one():
    np.testing.assert_array_equal(
        stretched(np.full((1, 15, 5), 3.0), np.full((2, 1, 5), 4.0)), np.full((1, 15, 5), 3.0)
    )


def test_a_truth_has_the_score_of_the_quantile_it_meets(noise):
    panel, trial, mixture = _asked(noise[:1], 1.0)
    scores = truth_scores(panel, trial, mixture)
    targets = trial.origins[0][:, None] + trial.ahead - 1
    known = targets < panel.n_steps
    inside = known & (np.abs(scores[0]) < SCORES[-1])
    np.testing.assert_allclose(scores[0][inside], panel.truth[0][targets[inside]], atol=1e-9)
    assert np.isnan(scores[0][~known]).all()
