from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.anomaly.peers import MIN_PEERS, fit_peers

STEP_SECONDS = 300.0
N_TRAIN, N_TEST, AT = 2_000, 300, 200
# What each sibling does with the common load: one always has twice as much, one half.
SHARES = np.array([1.0, 1.05, 2.0, 0.95, 0.5])


def siblings(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    load = 50.0 + 10.0 * np.sin(2.0 * np.pi * np.arange(N_TRAIN + N_TEST) / 288.0)
    values = load[:, None] * SHARES + rng.normal(size=(N_TRAIN + N_TEST, len(SHARES)))
    return values[:N_TRAIN], values[N_TRAIN:]


def highest(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.nanmax(fit_peers(train, STEP_SECONDS).score(test).score, axis=0)


def test_what_is_always_higher_is_no_outlier() -> None:
    assert (highest(*siblings()) < 1.0).all()


@pytest.mark.parametrize("factor", [0.7, 1.3, 3.0])
def test_one_that_goes_its_own_way_is_the_outlier_within_three_steps(factor: float) -> None:
    train, test = siblings()
    test[AT:, 2] *= factor
    result = fit_peers(train, STEP_SECONDS).score(test)
    assert result.outliers(AT + 2) == (2,)
    assert not any(result.outliers(step) for step in range(AT))
    assert result.direction[AT + 2, 2] == np.sign(factor - 1.0)
    assert result.expected[AT + 2, 2] == pytest.approx(test[AT + 2, 2] / factor, rel=0.15)


@pytest.mark.parametrize("factor", [0.3, 1.5, 4.0])
def test_a_load_that_multiplies_all_makes_no_outlier(factor: float) -> None:
    train, test = siblings()
    test[AT:] *= factor
    assert (highest(train, test) < 1.0).all()


@pytest.mark.parametrize("more", [-30.0, 30.0, 300.0])
def test_one_amount_more_for_all_makes_no_outlier(more: float) -> None:
    train, test = siblings()
    test[AT:] += more
    assert (highest(train, test) < 1.0).all()


def test_unsteadiness_of_one_weighs_more_while_the_others_are_steady() -> None:
    train, test = siblings()
    unsteady = 40.0 * np.random.default_rng(1).normal(size=test[AT:].shape)
    alone = test.copy()
    alone[AT:, 4] += unsteady[:, 4]
    test[AT:] += unsteady
    assert highest(train, test)[4] < highest(train, alone)[4] / 4.0


def test_the_outlier_is_told_while_all_shift() -> None:
    train, test = siblings()
    test[AT:] *= 1.5
    test[AT:, 3] *= 1.5
    scores = fit_peers(train, STEP_SECONDS).score(test).score[AT + 5]
    assert scores.argmax() == 3
    assert scores[3] > 1.0


def test_siblings_that_come_and_go_do_not_move_the_others() -> None:
    train, test = siblings()
    train[:700, 4] = np.nan
    test[AT:, [0, 2]] = np.nan
    result = fit_peers(train, STEP_SECONDS).score(test)
    assert np.isnan(result.score[AT:, [0, 2]]).all()
    assert np.nanmax(result.score) < 1.0


def test_two_siblings_cannot_tell_who_differs() -> None:
    train, test = siblings()
    test[AT : AT + 10, 2:] = np.nan
    result = fit_peers(train, STEP_SECONDS).score(test)
    assert np.isnan(result.score[AT : AT + 10]).all()
    assert [(each.reason, each.count) for each in result.skipped] == [("few peers", 10)]
    with pytest.raises(ModelError, match=f"2 siblings with enough samples; at least {MIN_PEERS} are needed"):
        fit_peers(train[:, :2], STEP_SECONDS)


def test_one_without_history_is_counted_and_not_scored() -> None:
    train, test = siblings()
    train[:-10, 1] = np.nan
    result = fit_peers(train, STEP_SECONDS).score(test)
    assert np.isnan(result.score[:, 1]).all()
    assert [(each.reason, each.count) for each in result.skipped] == [("few samples", 1)]


def test_one_that_stood_still_is_measured_by_the_others() -> None:
    train, test = siblings()
    train[:, 1] = test[:, 1] = 40.0
    test[AT // 2 : AT, 1] = 40.01
    assert highest(train, test)[1] < 1.0
    test[AT:, 1] = 140.0
    assert highest(train, test)[1] > 1.0


def test_siblings_that_never_moved_and_other_siblings_are_refused() -> None:
    with pytest.raises(ModelError, match="no sibling moved"):
        fit_peers(np.ones((500, 4)), STEP_SECONDS)
    with pytest.raises(ModelError, match="at least"):
        fit_peers(np.ones((20, 4)), STEP_SECONDS)
    train, test = siblings()
    with pytest.raises(ModelError, match=r"\(n_steps, 5\) is needed"):
        fit_peers(train, STEP_SECONDS).score(test[:, :3])
