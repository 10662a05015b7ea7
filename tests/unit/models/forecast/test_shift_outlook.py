from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.forecast.level_shift import N_AGES
from pronoia.models.forecast.shift_outlook import PRIOR_ENDS, mix_outcomes, share_ended, survival

RETURNS = np.array([[-2.0], [0.0], [2.0]])
STAYS = np.array([[7.0], [10.0], [12.0]])


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
    kept = survival(ended, np.array([1.0, 4.0, 30.0, 300.0]), 288)
    assert (np.diff(kept, axis=0) >= 0.0).all()
    assert (np.diff(kept, axis=1) <= 0.0).all()
    assert 0.0 < kept.min() < kept.max() < 1.0


def test_survival_over_one_doubling_is_what_did_not_end() -> None:
    kept = survival(PRIOR_ENDS[None], np.array([8.0]), 8)
    np.testing.assert_allclose(kept[0, -1], 1.0 - PRIOR_ENDS[3])


def test_a_certain_outcome_comes_out_as_it_went_in() -> None:
    np.testing.assert_allclose(mix_outcomes(RETURNS, STAYS, np.zeros(1), 0.95), RETURNS, atol=1e-6)
    np.testing.assert_allclose(mix_outcomes(RETURNS, STAYS, np.ones(1), 0.95), STAYS, atol=1e-6)


def test_bounds_span_both_outcomes_while_both_are_likely() -> None:
    lower, point, upper = mix_outcomes(RETURNS, STAYS, np.array([0.7]), 0.95)[:, 0]
    assert lower < 0.0
    assert upper > 10.0
    assert 7.0 < point < 10.0


@given(share=st.floats(0.0, 1.0), level=st.floats(0.5, 0.99))
def test_mixed_bounds_keep_their_order(share: float, level: float) -> None:
    lower, point, upper = mix_outcomes(RETURNS, STAYS, np.array([share]), level)
    assert (lower <= point).all()
    assert (point <= upper).all()


@given(share=st.floats(0.0, 1.0), shift=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3))
def test_a_mixture_follows_the_unit(share: float, shift: float, scale: float) -> None:
    own = mix_outcomes(RETURNS, STAYS, np.array([share]), 0.95)
    other = mix_outcomes(shift + scale * RETURNS, shift + scale * STAYS, np.array([share]), 0.95)
    np.testing.assert_allclose(other, shift + scale * own, atol=1e-5 * scale + 1e-9 * abs(shift))


def test_outcomes_without_width_are_chosen_between() -> None:
    still = np.repeat([[1.0], [5.0]], 3, axis=1)[:, :, None]
    np.testing.assert_allclose(mix_outcomes(still[0], still[1], np.array([0.9]), 0.95)[1], 5.0, atol=1e-6)
