from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.anomaly.relation import relations_of


def history() -> np.ndarray:
    rng = np.random.default_rng(0)
    load = rng.normal(50.0, 10.0, (2_000, 1))
    return np.hstack([load + rng.normal(size=(2_000, 3)), 20.0 * rng.normal(size=(2_000, 1)) + 80.0])


def test_each_follows_the_group_by_what_history_shows() -> None:
    learnt = relations_of(history())[0]
    assert learnt.factor[:3] == pytest.approx(np.ones(3), abs=0.05)
    assert abs(learnt.factor[3]) < 0.15


def test_where_the_group_hardly_moves_each_is_taken_to_follow_it() -> None:
    still = 50.0 + 0.01 * np.random.default_rng(1).normal(size=(2_000, 8))
    assert relations_of(still)[0].factor == pytest.approx(np.ones(8), abs=0.5)


def test_one_that_stands_still_is_measured_in_a_tenth_of_what_the_others_are() -> None:
    values = history()
    values[:, 1] = 7.0
    unit = relations_of(values)[0].unit
    assert unit[1] == pytest.approx(0.1 * np.median(unit[[0, 2, 3]]))


def test_what_history_speaks_against_counts_only_beyond_its_reach() -> None:
    values = history()[:, :3] * [1.0, 2.0, 4.0]
    _, same, ratio = relations_of(values)
    assert ratio.is_backed
    assert not same.is_backed
    assert not same.residuals(values[:1])[2].any()
    assert same.residuals(values[:1] + 1e4)[2].all()


def test_a_row_without_samples_has_no_residual() -> None:
    residuals, expected, _ = relations_of(history())[0].residuals(np.full((2, 4), np.nan))
    assert np.isnan(residuals).all()
    assert np.isnan(expected).all()


def test_none_that_moves_gives_no_relation() -> None:
    assert relations_of(np.ones((50, 3))) == ()
