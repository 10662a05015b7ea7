from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.dependence import PRIOR_DEPENDENCE, fit_dependence, sample_scores

HORIZON = 48


def dependence_of(errors: np.ndarray) -> np.ndarray:
    return fit_dependence(errors, np.arange(1, errors.shape[1] + 1))


def correlation(scores: np.ndarray, first: int, second: int) -> float:
    return float(np.corrcoef(scores[0, :, first - 1], scores[0, :, second - 1])[0, 1])


def test_every_instant_of_the_scores_is_standard_normal() -> None:
    scores = sample_scores(np.array([PRIOR_DEPENDENCE]), HORIZON, 20_000, np.random.default_rng(0))
    np.testing.assert_allclose(scores.mean(axis=1), 0.0, atol=0.04)
    np.testing.assert_allclose(scores.std(axis=1), 1.0, atol=0.04)


def test_scores_depend_on_each_other_as_the_parameters_say() -> None:
    scores = sample_scores(np.array([[0.5, 0.5, 0.8]]), HORIZON, 40_000, np.random.default_rng(0))
    assert correlation(scores, 4, 16) == pytest.approx(0.5 * 0.5 + 0.5 * 0.8**12, abs=0.02)
    assert correlation(scores, 10, 11) == pytest.approx(0.5 * np.sqrt(10 / 11) + 0.5 * 0.8, abs=0.02)


def test_errors_without_dependence_are_known_from_levels_that_stay_off() -> None:
    rng = np.random.default_rng(1)
    apart = dependence_of(rng.standard_normal((200, HORIZON)))
    together = dependence_of(np.repeat(rng.standard_normal((200, 1)), HORIZON, axis=1))
    assert apart[0] <= 0.2
    assert apart[2] <= 0.4
    assert together[0] >= 0.8
    assert together[1] <= 0.1


@pytest.mark.parametrize("truth", [(0.6, 0.5, 0.0), (0.2, 0.1, 0.9)])
def test_what_was_sampled_is_found_again(truth: tuple[float, float, float]) -> None:
    errors = sample_scores(np.array([truth]), HORIZON, 2_000, np.random.default_rng(2))[0]
    again = sample_scores(dependence_of(errors)[None], HORIZON, 20_000, np.random.default_rng(3))
    for first, second in ((1, 2), (8, 12), (4, 40)):
        expected = truth[0] * (first / second) ** truth[1] + (1.0 - truth[0]) * truth[2] ** (second - first)
        assert correlation(again, first, second) == pytest.approx(expected, abs=0.12)


@pytest.mark.parametrize("errors", [np.full((24, HORIZON), np.nan), np.zeros((24, HORIZON)), np.zeros((1, HORIZON))])
def test_without_evidence_the_prior_holds(errors: np.ndarray) -> None:
    np.testing.assert_allclose(dependence_of(errors), PRIOR_DEPENDENCE, atol=0.1)


def test_a_horizon_of_one_step_has_no_dependence_to_learn() -> None:
    found = fit_dependence(np.ones((24, 1)), np.array([1]))
    np.testing.assert_array_equal(found, PRIOR_DEPENDENCE)


def test_a_few_horizons_are_enough_to_know_a_level_from_noise() -> None:
    ahead = np.array([1, 2, 4, 9, 20, 45])
    rng = np.random.default_rng(1)
    assert fit_dependence(np.repeat(rng.standard_normal((200, 1)), 6, axis=1), ahead)[0] >= 0.8
    assert fit_dependence(rng.standard_normal((200, 6)), ahead)[0] <= 0.2
