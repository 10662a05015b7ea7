from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pronoia.evaluation.scores import (
    coverage,
    geometric_mean,
    mean_absolute_error,
    mean_absolute_scaled_error,
    pinball_loss,
    weighted_quantile_loss,
)

values = arrays(np.float64, 20, elements=st.floats(-1e3, 1e3))


@given(values, values)
def test_pinball_of_the_median_is_half_the_absolute_error(truth: np.ndarray, point: np.ndarray) -> None:
    np.testing.assert_allclose(pinball_loss(truth, point, 0.5), np.abs(truth - point) / 2.0)


@given(values)
def test_the_sample_quantile_has_the_least_pinball_loss(sample: np.ndarray) -> None:
    best = np.quantile(sample, 0.9, method="inverted_cdf")
    for other in (best - 1.0, best + 1.0):
        assert pinball_loss(sample, best, 0.9).sum() <= pinball_loss(sample, other, 0.9).sum() + 1e-6


@given(values, values, st.floats(0.1, 100.0))
def test_mase_does_not_depend_on_the_unit(truth: np.ndarray, point: np.ndarray, factor: float) -> None:
    history = np.sin(np.arange(50.0))
    here = mean_absolute_scaled_error(truth, point, history, season=7)
    there = mean_absolute_scaled_error(factor * truth, factor * point, factor * history, season=7)
    assert there == pytest.approx(here, rel=1e-9)


def test_mase_of_a_constant_history_is_not_a_number() -> None:
    assert np.isnan(mean_absolute_scaled_error(np.ones(3), np.ones(3), np.ones(9)))


def test_coverage_counts_the_bounds_as_inside() -> None:
    assert coverage(np.array([0.0, 1.0, 1.1]), np.zeros(3), np.ones(3)) == pytest.approx(2 / 3)


def test_weighted_quantile_loss_by_hand() -> None:
    truth, point = np.array([2.0, np.nan, 4.0]), np.array([1.0, 9.0, 4.0])
    assert weighted_quantile_loss(truth, {0.5: point}) == pytest.approx(1.0 / 6.0)


def test_what_is_not_known_is_left_out() -> None:
    nothing = np.full(3, np.nan)
    assert np.isnan(mean_absolute_error(nothing, np.ones(3)))
    assert np.isnan(coverage(nothing, np.zeros(3), np.ones(3)))
    assert np.isnan(weighted_quantile_loss(nothing, {0.5: np.ones(3)}))
    assert np.isnan(geometric_mean(nothing))


def test_one_perfect_series_does_not_decide_the_mean() -> None:
    assert geometric_mean(np.array([0.0, 1.0])) == pytest.approx(0.1)
