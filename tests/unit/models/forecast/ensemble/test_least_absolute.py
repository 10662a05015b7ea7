from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.least_absolute import fit_least_absolute


def test_outliers_do_not_move_the_coefficients_of_many_problems_at_once() -> None:
    rng = np.random.default_rng(0)
    design = rng.normal(size=(4, 400, 3))
    truth = rng.normal(size=(4, 3))
    target = np.einsum("prc,pc->pr", design, truth) + rng.normal(0.0, 0.05, (4, 400))
    target[:, ::20] += 50.0
    found = fit_least_absolute(design, target, np.ones((4, 400)), np.full(4, 1e-4))
    np.testing.assert_allclose(found, truth, atol=0.05)


def test_a_large_ridge_shrinks_to_zero_and_no_weight_gives_zero() -> None:
    design, target = np.ones((2, 10, 1)), np.ones((2, 10))
    weights = np.array([np.ones(10), np.zeros(10)])
    found = fit_least_absolute(design, target, weights, np.array([1e6, 0.01]))
    assert abs(found[0, 0]) < 1e-4
    assert found[1, 0] == 0.0
