"""The trend is calibrated on systems that did not fail, before any has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.fitted import prior_alone
from pronoia.models.failure.learnt_rows import LearntRows, no_rows
from pronoia.models.failure.local_calibration import calibrated_prior
from support.headroom import history_of, leak, saw_tooth

NOW = np.ones(1)


def _quiet_rows(*series: np.ndarray, share: float = 1.0) -> LearntRows:
    """Each series again and again, without a failure."""
    history = history_of(*series)
    n_slots = history.n_slots
    rows, slots = np.repeat(np.arange(len(series)), n_slots), np.tile(np.arange(n_slots), len(series))
    features = headroom_features(history, rows, slots)
    features = np.tile(features[np.isfinite(features[:, 0])], (20, 1))
    n_rows = round(len(features) * share)
    features = features[np.random.default_rng(0).permutation(len(features))[:n_rows]]
    nothing = np.full(n_rows, np.nan)
    return LearntRows(features, np.zeros(n_rows, np.int64), nothing, np.zeros(n_rows), share, {900: 0.0})


@pytest.fixture(scope="module")
def leaking():
    """A leak, five minutes before its end."""
    history = history_of(leak(n_slots=120, begins=50, per_slot=0.01, level=0.2))
    return headroom_features(history, np.array([0]), np.array([110]))


@pytest.fixture(scope="module")
def resting():
    history = history_of(0.4 + 0.0 * leak(n_slots=120))
    return headroom_features(history, np.array([0]), np.array([110]))


def _said(model, features) -> float:
    return float(model.within(features, NOW).probability[0, 0])


def test_without_rows_it_says_about_what_the_laboratory_does(leaking, resting) -> None:
    own = calibrated_prior(no_rows())
    for features in (leaking, resting):
        assert _said(own, features) == pytest.approx(_said(prior_alone(), features), abs=0.1)


def test_systems_that_rest_make_rest_safe_and_leave_leaks_alarming(leaking, resting) -> None:
    own = calibrated_prior(_quiet_rows(*(0.4 + leak(n_slots=200) * 0.0 for _ in range(4))))
    assert _said(own, resting) < 0.3 * _said(prior_alone(), resting)
    assert _said(own, leaking) > 0.6


def test_systems_that_rise_again_and_again_without_a_failure_are_believed_less(leaking) -> None:
    own = calibrated_prior(_quiet_rows(*(saw_tooth(n_slots=400, period=60, high=0.97) for _ in range(6))))
    assert _said(own, leaking) < _said(prior_alone(), leaking) - 0.1


def test_thinned_rows_count_for_those_left_out(leaking) -> None:
    series = [saw_tooth(n_slots=400, period=60, high=0.97) for _ in range(6)]
    whole, thin = (calibrated_prior(_quiet_rows(*series, share=share)) for share in (1.0, 0.1))
    offset = thin.platt.offset + np.log(0.1)
    corrected = replace(thin, platt=replace(thin.platt, offset=offset))
    assert _said(corrected, leaking) == pytest.approx(_said(whole, leaking), abs=0.1)


def test_a_fleet_that_always_rests_makes_no_small_rise_a_sure_sign() -> None:
    own = calibrated_prior(_quiet_rows(*(0.4 + leak(n_slots=200) * 0.0 for _ in range(20))))
    even, small = np.array([[0.0]]), np.array([[-3.0]])
    assert own.platt.probability(even)[0] <= prior_alone().platt.probability(even)[0] + 1e-9
    assert own.platt.probability(small)[0] < prior_alone().platt.probability(small)[0]
