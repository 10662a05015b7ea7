from __future__ import annotations

import io

import numpy as np
import pytest

from pronoia.models.forecast.ensemble.ensemble import fit_ensemble, restore_ensemble
from pronoia.models.forecast.ensemble.novelty import novelty
from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.quantiles import MEDIAN


def daily(n_steps: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0.0, 0.5, n_steps)
    return 10.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(n_steps) / 288) + noise


def test_what_was_learnt_survives_a_file_without_pickle() -> None:
    values = np.array([daily(1_500), daily(1_500, seed=1)])
    fitted = fit_ensemble(values, step_seconds=300.0, horizon=24)
    file = io.BytesIO()
    np.savez(file, **fitted.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        restored = restore_ensemble(dict(stored))
    np.testing.assert_array_equal(restored.forecast(values), fitted.forecast(values))


def test_a_fit_serves_a_history_that_has_gone_on() -> None:
    series = daily(2_100)
    fitted = fit_ensemble(series[None, :2_000], step_seconds=300.0, horizon=24)
    moved = fitted.forecast(series[None, 76:2_076])[0, MEDIAN]
    assert np.abs(moved - series[2_076:]).mean() < 0.6


def test_another_number_of_series_is_refused() -> None:
    fitted = fit_ensemble(daily(500)[None], step_seconds=300.0, horizon=12)
    with pytest.raises(ValueError, match="2 series, the ensemble was fitted to 1"):
        fitted.forecast(np.array([daily(500), daily(500)]))


def test_weights_prefer_the_regressions_on_a_seasonal_series() -> None:
    fitted = fit_ensemble(daily(3_000)[None], step_seconds=300.0, horizon=48)
    assert fitted.weights[:3, 0].sum(axis=0).min() > 0.8


def test_a_jump_is_new_and_a_trend_a_spike_and_a_usual_value_are_not() -> None:
    jump, spike, trend = np.zeros(2_000), np.zeros(2_000), np.arange(2_000.0)
    jump[-12:], spike[-1] = 50.0, 50.0
    found = novelty(make_panel(np.array([jump, spike, trend, daily(2_000)]), 60.0))
    assert found[0] == pytest.approx(0.75)
    assert found[1] == 0.0
    assert found[2:].tolist() == [0.0, 0.0]
