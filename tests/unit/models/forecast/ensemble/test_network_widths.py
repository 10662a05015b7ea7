from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.network_widths import FACTORS, choose_factors, own_offsets, widened
from pronoia.models.forecast.ensemble.quantiles import DECILES, MEDIAN, SHARES


def test_deciles_are_kept_and_tails_lie_beyond_them() -> None:
    deciles = np.arange(9.0) ** 2
    offsets = own_offsets(deciles)
    np.testing.assert_array_equal(offsets[DECILES], deciles - 16.0)
    assert (np.diff(offsets) > 0.0).all()


def test_each_side_is_widened_by_its_own_factor() -> None:
    offsets = np.linspace(-7.0, 7.0, len(SHARES))
    wide = widened(offsets, np.array([2.0, 0.5]))
    np.testing.assert_array_equal(wide[:MEDIAN], 2.0 * offsets[:MEDIAN])
    np.testing.assert_array_equal(wide[MEDIAN:], 0.5 * offsets[MEDIAN:])


def test_the_factor_that_would_have_fitted_is_chosen() -> None:
    rng = np.random.default_rng(0)
    normal_deciles = np.quantile(rng.normal(size=100_000), np.arange(1, 10) / 10)
    offsets = np.broadcast_to(own_offsets(normal_deciles), (len(FACTORS), 4_000, len(SHARES)))
    residuals = np.array(FACTORS)[:, None] * rng.normal(size=(len(FACTORS), 4_000))
    chosen = choose_factors(residuals, offsets, np.ones_like(residuals))
    np.testing.assert_array_equal(chosen, np.array(FACTORS)[:, None].repeat(2, axis=1))


def test_without_weight_nothing_is_changed() -> None:
    chosen = choose_factors(np.ones((1, 5)), np.ones((1, 5, len(SHARES))), np.zeros((1, 5)))
    np.testing.assert_array_equal(chosen, 1.0)
