"""Scores of a step know the history, the steps before it and itself, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import pronoia

N_TRAIN, N_TEST = 400, 90


def values_of(seed: int, n_metrics: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(N_TRAIN + N_TEST, n_metrics)).cumsum(axis=0) + 5.0 * rng.normal(size=n_metrics)
    values[rng.random(values.shape) < missing] = np.nan
    return values


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.floats(0.0, 0.4), st.integers(1, N_TEST))
def test_what_comes_later_changes_nothing(seed: int, n_metrics: int, missing: float, n_kept: int) -> None:
    values = values_of(seed, n_metrics, missing)
    train, test = values[:N_TRAIN], values[N_TRAIN:]
    whole = pronoia.score_anomalies(train, test, 300)
    other = test.copy()
    other[n_kept:] = 1e6
    np.testing.assert_allclose(pronoia.score_anomalies(train, test[:n_kept], 300), whole[:n_kept], rtol=1e-6)
    np.testing.assert_allclose(pronoia.score_anomalies(train, other, 300)[:n_kept], whole[:n_kept], rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(-12, 12), st.floats(-3.0, 3.0))
def test_units_and_zero_points_do_not_matter(seed: int, n_metrics: int, power: int, shift: float) -> None:
    values = values_of(seed, n_metrics, 0.0)
    factor = 10.0**power
    other = factor * (values + shift)
    plain = pronoia.score_anomalies(values[:N_TRAIN], values[N_TRAIN:], 300)
    scaled = pronoia.score_anomalies(other[:N_TRAIN], other[N_TRAIN:], 300)
    np.testing.assert_allclose(scaled, plain, rtol=1e-4, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_order_of_metrics_does_not_matter(seed: int, n_metrics: int) -> None:
    values = values_of(seed, n_metrics, 0.1)
    order = np.random.default_rng(seed).permutation(n_metrics)
    plain = pronoia.score_anomalies(values[:N_TRAIN], values[N_TRAIN:], 300)
    turned = pronoia.score_anomalies(values[:N_TRAIN, order], values[N_TRAIN:, order], 300)
    np.testing.assert_allclose(turned, plain, rtol=1e-4, atol=1e-6)
