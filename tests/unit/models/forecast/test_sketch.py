from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pronoia.models.forecast.sketch import MAX_SCORE, errors_at, lower_scores, sketch_errors, upper_scores

samples = arrays(np.float64, st.integers(8, 60), elements=st.floats(-1e6, 1e6, width=32))
scores = st.floats(-MAX_SCORE, MAX_SCORE)
UNIT = np.array([0.01])


def sketch_of(sample: np.ndarray) -> np.ndarray:
    return sketch_errors(sample, n_independent=float(len(sample)))[None, :]


@given(samples, scores, scores)
def test_a_higher_score_never_gives_a_lower_error(sample: np.ndarray, one: float, other: float) -> None:
    low, high = (errors_at(np.array([s]), sketch_of(sample), UNIT)[0] for s in sorted((one, other)))
    assert low <= high + 1e-6


@given(samples, st.floats(-1e6, 1e6, width=32))
def test_the_score_an_upper_bound_needs_covers_the_error(sample: np.ndarray, error: float) -> None:
    sketch = sketch_of(sample)
    needed = upper_scores(np.array([error]), sketch, UNIT)
    if needed[0] < MAX_SCORE:
        assert errors_at(needed, sketch, UNIT)[0] >= error - 1e-6 * max(1.0, np.abs(sample).max())


@given(samples, st.floats(-1e6, 1e6, width=32))
def test_lower_bounds_are_the_mirror_of_upper_bounds(sample: np.ndarray, error: float) -> None:
    sketch = sketch_of(sample)
    mirrored = -upper_scores(np.array([-error]), -sketch[:, ::-1], UNIT)
    np.testing.assert_array_equal(lower_scores(np.array([error]), sketch, UNIT), mirrored)


def test_a_normal_sample_has_its_own_scores() -> None:
    sample = np.random.default_rng(0).normal(size=200_000)
    found = errors_at(np.array([1.96]), sketch_of(sample), UNIT)
    np.testing.assert_allclose(found, 1.96, atol=0.05)


def test_few_independent_errors_spread_the_sketch() -> None:
    sample = np.random.default_rng(0).normal(size=1000)
    assert sketch_errors(sample, 3.0)[-3] > 1.3 * sketch_errors(sample, 500.0)[-3]


def test_errors_that_all_went_one_way_leave_room_on_the_other() -> None:
    sample = np.random.default_rng(0).uniform(1.0, 2.0, size=500)
    assert sketch_errors(sample, 4.0)[2] < 0.0


def test_silence_with_rare_bursts_has_a_lower_bound_of_zero() -> None:
    sample = np.where(np.arange(1000) % 50 == 0, 9.0, 0.0)
    sketch = sketch_errors(sample, 500.0)[None, :]
    assert errors_at(np.array([-1.96]), sketch, UNIT)[0] == 0.0
    assert errors_at(np.array([2.5]), sketch, UNIT)[0] > 5.0


def test_a_missing_truth_has_no_score() -> None:
    assert np.isnan(upper_scores(np.array([np.nan]), sketch_of(np.arange(9.0)), UNIT)[0])


def test_nothing_known_is_a_sketch_of_zeros() -> None:
    assert not sketch_errors(np.array([np.nan]), 1.0).any()
