from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.features import ALL, WINDOWS, make_features
from pronoia.models.forecast.ensemble.panel import make_panel


def test_levels_are_means_of_the_last_values_and_of_all() -> None:
    values = np.random.default_rng(0).normal(size=(1, 3_000))
    panel = make_panel(values, 60.0)
    levels = make_features(panel, np.zeros((1, 5), np.int64), np.array([[2_500]]), np.array([7])).levels[0, 0]
    expected = [panel.values[0, 2_500 - window : 2_500].mean() for window in WINDOWS]
    np.testing.assert_allclose(levels[:ALL], expected, atol=1e-12)
    np.testing.assert_allclose(levels[ALL], panel.values[0, :2_500].mean(), atol=1e-12)


def test_the_narrow_profile_is_the_value_one_cycle_before_the_target() -> None:
    panel = make_panel(np.random.default_rng(0).normal(size=(1, 500)), 60.0)
    features = make_features(panel, np.array([[100]]), np.array([[400, 400]]), np.array([30, 130]))
    # Targets 429 and 529; the newest cycles that are known are 329 and 329.
    np.testing.assert_allclose(features.profiles[0, :, 0, 0], panel.values[0, [329, 329]])
    np.testing.assert_allclose(features.phases[0, :, 0, 0], panel.values[0, [299, 299]])


def test_no_feature_knows_the_future() -> None:
    values = np.random.default_rng(0).normal(size=(1, 500))
    changed = values.copy()
    changed[0, 400:] = 3.0
    periods, origins, ahead = np.array([[7, 100]]), np.full((1, 5), 400), np.array([1, 6, 7, 50, 101])
    one = make_features(make_panel(values, 60.0), periods, origins, ahead)
    other = make_features(make_panel(changed, 60.0), periods, origins, ahead)
    shift = one.levels[0, 0, 0] - other.levels[0, 0, 0]
    np.testing.assert_allclose(one.levels - other.levels, shift, atol=1e-12)
    np.testing.assert_allclose(one.profiles - other.profiles, shift, atol=1e-12)


def test_a_period_that_is_not_there_has_no_profile() -> None:
    panel = make_panel(np.random.default_rng(0).normal(size=(1, 500)), 60.0)
    features = make_features(panel, np.array([[0, 450]]), np.array([[400]]), np.array([1]))
    assert np.isnan(features.profiles).all()
