from __future__ import annotations

import numpy as np

from pronoia.training.synthetic import synthetic_series


def test_made_up_series_are_finite_and_as_long_as_asked() -> None:
    for seed in range(100):
        series = synthetic_series(np.random.default_rng(seed), 700, (60, 0, 0))
        assert series.shape == (700,)
        assert np.isfinite(series).all()


def test_a_seed_makes_one_series() -> None:
    one, again = (synthetic_series(np.random.default_rng(5), 900, (0, 288, 2_016)) for _ in range(2))
    np.testing.assert_array_equal(one, again)
