from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.widening import adapt_own, adapt_shared


def nothing() -> np.ndarray:
    return np.full((1, 2, 3), np.nan)


def test_a_missed_upper_bound_widens_upper_bounds_only() -> None:
    missed = nothing()
    missed[0, :, 1] = 0.0, 1.0
    moved = adapt_own(np.zeros((1, 2, 3)), missed, 0.95)
    assert moved[0, 1, 1] > 0.0
    assert moved[0, 0, 1] < 0.0


def test_neighbouring_horizons_move_less() -> None:
    missed = nothing()
    missed[0, 1, 0] = 1.0
    upper = adapt_own(np.zeros((1, 2, 3)), missed, 0.95)[0, 1]
    assert upper[0] > upper[1] > upper[2] > 0.0


def test_nothing_known_moves_nothing() -> None:
    assert not adapt_own(np.zeros((1, 2, 3)), nothing(), 0.95).any()
    assert not adapt_shared(np.zeros((2, 3)), nothing(), 0.95).any()


def test_factors_stay_within_their_limits() -> None:
    own = np.zeros((1, 2, 3))
    for _ in range(1000):
        own = adapt_own(own, np.ones((1, 2, 3)), 0.95)
    assert np.exp(own).max() == pytest.approx(4.0)


def test_the_share_of_misses_tends_to_the_tolerated_one() -> None:
    rng = np.random.default_rng(0)
    log_factor, missed_after_start = np.zeros((1, 2, 1)), []
    for i in range(6000):
        # Bounds at 1 for errors of scale 1.3: too narrow by far at the start.
        missed = (np.abs(rng.normal(0.0, 1.3, (1, 2, 1))) / np.exp(log_factor) > 1.0).astype(float)
        log_factor = adapt_own(log_factor, missed, 0.95)
        if i >= 1000:
            missed_after_start.append(missed.mean())
    # Each side tolerates 2.5 %; 10,000 draws have a standard error of 0.16 %.
    assert np.mean(missed_after_start) == pytest.approx(0.025, abs=0.006)
