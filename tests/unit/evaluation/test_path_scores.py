from __future__ import annotations

import numpy as np
import pytest

from pronoia.evaluation.path_scores import reading_ranks

N_SERIES, N_PATHS, N_STEPS = 4_000, 60, 12


def walks(rng: np.random.Generator, n_paths: int) -> np.ndarray:
    return rng.standard_normal((N_SERIES, n_paths, N_STEPS)).cumsum(axis=2)


def share_held(ranks: np.ndarray) -> np.ndarray:
    share: np.ndarray = np.mean(np.abs(ranks - 0.5) <= 0.4, axis=0)
    return share


def test_paths_from_the_truth_s_own_law_hold_as_often_as_they_should() -> None:
    rng = np.random.default_rng(0)
    ranks = reading_ranks(walks(rng, N_PATHS), walks(rng, 1)[:, 0], np.full(N_SERIES, 3.0), rng)
    np.testing.assert_allclose(share_held(ranks), 0.8, atol=0.03)


def test_paths_without_dependence_give_means_that_are_too_sure() -> None:
    rng = np.random.default_rng(0)
    spread = np.sqrt(np.arange(1, N_STEPS + 1))
    apart = rng.standard_normal((N_SERIES, N_PATHS, N_STEPS)) * spread
    ranks = reading_ranks(apart, walks(rng, 1)[:, 0], np.full(N_SERIES, 3.0), rng)
    assert share_held(ranks)[1] < 0.6


def test_a_threshold_never_reached_by_anyone_is_not_held_more_often_than_other_readings() -> None:
    rng = np.random.default_rng(0)
    ranks = reading_ranks(walks(rng, N_PATHS), walks(rng, 1)[:, 0], np.full(N_SERIES, 1e9), rng)
    assert share_held(ranks)[2] == pytest.approx(0.8, abs=0.03)


def test_paths_are_read_where_the_truth_is_known() -> None:
    rng = np.random.default_rng(0)
    truth = np.array([[1.0, np.nan, 1.0, 1.0], [1.0, np.nan, np.nan, np.nan]])
    paths = np.tile([0.0, 9.0, 0.0, 0.0], (2, 5, 1))
    ranks = reading_ranks(paths, truth, np.full(2, 0.5), rng)
    assert ranks[0, 0] > 0.8
    assert np.isnan(ranks[1]).all()
