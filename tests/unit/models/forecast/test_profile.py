from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.profile import seasonal_profile, tile_back, tile_on

SHAPE = np.sin(2.0 * np.pi * np.arange(24) / 24)


def test_a_repeating_shape_is_the_profile() -> None:
    np.testing.assert_allclose(seasonal_profile(np.tile(SHAPE, 5) + 100.0, 24), SHAPE, atol=1e-9)


def test_the_profile_starts_at_the_phase_of_the_next_step() -> None:
    np.testing.assert_allclose(seasonal_profile(np.tile(SHAPE, 5)[:-7], 24), np.roll(SHAPE, 7), atol=1e-9)


def test_noise_has_nearly_no_profile() -> None:
    profile = seasonal_profile(np.random.default_rng(0).normal(size=24 * 14), 24)
    assert np.abs(profile).mean() < 0.1


@pytest.mark.parametrize("values", [SHAPE, SHAPE[:10], np.zeros(100)], ids=["one cycle", "less", "constant"])
def test_what_does_not_repeat_has_no_profile(values: np.ndarray) -> None:
    np.testing.assert_array_equal(seasonal_profile(values, 24), np.zeros(24))


def test_tiling_back_and_on_continues_the_shape() -> None:
    profile = np.arange(4.0)
    assert tile_back(profile, 6).tolist() == [2, 3, 0, 1, 2, 3]
    assert tile_on(profile, 5).tolist() == [3, 0, 1, 2, 3, 0]
