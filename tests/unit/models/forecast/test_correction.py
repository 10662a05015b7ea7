from __future__ import annotations

import numpy as np

from pronoia.models.forecast.correction import choose_nows, corrected_errors, fit_persistence

KNOTS = np.array([1, 4, 16])
NOWS = choose_nows(6)


def paths_of(errors: np.ndarray, n_origins: int = 30) -> np.ndarray:
    """Stretches of one long error series."""
    length = KNOTS[-1] + 6 + 1
    return np.stack([errors[i * length : (i + 1) * length] for i in range(n_origins)])


def ar1(phi: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    errors = np.zeros(1000)
    for i in range(1, 1000):
        errors[i] = phi * errors[i - 1] + rng.normal()
    return errors


def test_errors_without_memory_are_not_carried_on() -> None:
    assert fit_persistence(paths_of(ar1(0.0)), KNOTS, NOWS).max() <= 0.2


def test_lasting_errors_are_carried_on_and_fade() -> None:
    persistence = fit_persistence(paths_of(ar1(0.9)), KNOTS, NOWS)
    assert persistence[0] >= 0.7
    assert persistence[-1] <= 0.4
    assert (np.diff(persistence) <= 0.0).all()


def test_a_level_that_moved_for_good_is_carried_on_whole() -> None:
    shifts = np.repeat(np.random.default_rng(0).normal(size=30), KNOTS[-1] + 7)
    np.testing.assert_array_equal(fit_persistence(paths_of(shifts), KNOTS, NOWS), 1.0)


def test_the_correction_takes_away_what_lasts() -> None:
    shifts = paths_of(np.repeat(np.random.default_rng(0).normal(size=30), KNOTS[-1] + 7))
    np.testing.assert_allclose(corrected_errors(shifts, np.ones(3), KNOTS, NOWS), 0.0, atol=1e-12)


def test_a_missing_newest_value_corrects_nothing() -> None:
    paths = np.ones((5, KNOTS[-1] + 7))
    paths[:, 0] = np.nan
    errors = corrected_errors(paths, np.ones(3), KNOTS, np.array([0]))
    np.testing.assert_array_equal(errors, 1.0)
