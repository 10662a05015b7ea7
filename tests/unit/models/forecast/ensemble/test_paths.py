import numpy as np

from pronoia.models.forecast.dependence import PRIOR_DEPENDENCE
from pronoia.models.forecast.ensemble.paths import draw_paths
from pronoia.models.forecast.ensemble.quantiles import SHARES


def _quantiles(horizon: int = 30) -> np.ndarray:
    return np.sort(np.random.default_rng(0).gamma(2.0, 3.0, (2, len(SHARES), horizon)), axis=1)


LEVEL, NOISE, WALK = ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 0.5, 0.0))


def test_paths_keep_the_quantiles_of_every_instant():
    quantiles = _quantiles()
    paths = draw_paths(quantiles, np.array([PRIOR_DEPENDENCE, WALK]), 20_000, np.random.default_rng(1))
    for i, share in enumerate(SHARES):
        at_most = (paths <= quantiles[:, i][:, None]).mean(axis=1)
        np.testing.assert_allclose(at_most, share, atol=0.015)


def test_means_of_independent_instants_spread_less_than_those_of_one_level():
    level = draw_paths(_quantiles(), np.array([LEVEL, LEVEL]), 2_000, np.random.default_rng(1)).mean(axis=2).std(axis=1)
    noise = draw_paths(_quantiles(), np.array([NOISE, NOISE]), 2_000, np.random.default_rng(1)).mean(axis=2).std(axis=1)
    assert (noise < 0.5 * level).all()


def test_the_same_seed_draws_the_same_paths():
    a, b = (draw_paths(_quantiles(), np.array([WALK, WALK]), 5, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_a_plateau_has_one_path():
    assert (draw_paths(np.full((1, 15, 9), 4.0), np.array([WALK]), 7, np.random.default_rng(0)) == 4.0).all()


def test_a_series_without_samples_has_none():
    assert np.isnan(draw_paths(np.full((1, 15, 9), np.nan), np.array([WALK]), 7, np.random.default_rng(0))).all()
