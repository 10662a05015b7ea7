from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.forecast.level_shift import N_AGES
from pronoia.models.forecast.shift_outlook import PRIOR_ENDS, mixed_quantiles, share_ended, survival

SCORES = np.array([-2.0, -0.7, 0.0, 0.7, 2.0])
ERRORS = np.array([[-2.0, -0.5, 0.0, 0.6, 3.0]])
MOVED = 10.0


def mixed(share: float, wanted: float, moved: float = MOVED, errors: np.ndarray = ERRORS) -> float:
    return float(mixed_quantiles(SCORES, errors, np.array([moved]), np.array([share]), wanted)[0])


def test_without_evidence_the_prior_holds() -> None:
    np.testing.assert_allclose(share_ended(np.zeros((2, 2, N_AGES))), np.tile(PRIOR_ENDS, (2, 1)))


def test_a_series_whose_departures_always_end_is_expected_to_return() -> None:
    counts = np.zeros((2, 2, N_AGES))
    counts[0, :, 3] = 50.0
    own, other = share_ended(counts)[:, 3]
    assert own > 0.9
    assert PRIOR_ENDS[3] < other < own


def test_what_has_lasted_longer_is_likelier_to_last() -> None:
    ended = np.tile(PRIOR_ENDS, (4, 1))
    kept = survival(ended, np.array([1.0, 4.0, 30.0, 300.0]), np.arange(1, 289))
    assert (np.diff(kept, axis=0) >= 0.0).all()
    assert (np.diff(kept, axis=1) <= 0.0).all()
    assert 0.0 < kept.min() < kept.max() < 1.0


def test_survival_over_one_doubling_is_what_did_not_end() -> None:
    kept = survival(PRIOR_ENDS[None], np.array([8.0]), np.arange(1, 9))
    np.testing.assert_allclose(kept[0, -1], 1.0 - PRIOR_ENDS[3])


@pytest.mark.parametrize(("score", "error"), [(-2.0, -2.0), (-0.7, -0.5), (0.0, 0.0), (0.7, 0.6), (2.0, 3.0)])
def test_a_certain_outcome_comes_out_as_it_went_in(score: float, error: float) -> None:
    assert mixed(0.0, score) == pytest.approx(error, abs=1e-5)
    assert mixed(1.0, score) == pytest.approx(MOVED + error, abs=1e-5)


def test_bounds_span_both_outcomes_while_both_are_likely() -> None:
    assert mixed(0.7, -2.0) < 0.0
    assert mixed(0.7, 2.0) > 10.0
    assert 9.0 < mixed(0.7, 0.0) < 10.0


@given(share=st.floats(0.0, 1.0), moved=st.floats(-1e3, 1e3), low=st.floats(-3.0, 3.0), high=st.floats(-3.0, 3.0))
def test_bounds_of_a_higher_level_enclose_those_of_a_lower(share: float, moved: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert mixed(share, low, moved) <= mixed(share, high, moved) + 1e-6 * (1.0 + abs(moved))


@given(share=st.floats(0.0, 1.0), scale=st.floats(1e-3, 1e3), score=st.floats(-3.0, 3.0))
def test_a_mixture_follows_the_unit(share: float, scale: float, score: float) -> None:
    other = mixed(share, score, scale * MOVED, scale * ERRORS)
    assert other == pytest.approx(scale * mixed(share, score), abs=1e-5 * scale)


def test_outcomes_without_width_are_chosen_between() -> None:
    assert mixed(0.9, 0.0, 4.0, np.zeros((1, 5))) == pytest.approx(4.0, abs=1e-6)
    assert mixed(0.1, 0.0, 4.0, np.zeros((1, 5))) == pytest.approx(0.0, abs=1e-6)
