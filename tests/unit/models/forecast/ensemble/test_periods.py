from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.periods import autocorrelation_periods, find_periods


def wave(period: int, n_steps: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0.0, 0.2, n_steps)
    return np.sin(2.0 * np.pi * np.arange(n_steps) / period) + noise


def test_the_calendar_counts_where_two_cycles_and_a_fifth_were_seen() -> None:
    values = np.random.default_rng(0).normal(size=(2, 4_000))
    values[1, :-1_000] = np.nan
    periods = find_periods(make_panel(values, 60.0), own=False)
    assert periods.tolist() == [[60, 1_440, 0, 0, 0], [60, 0, 0, 0, 0]]


def test_steps_longer_than_five_minutes_have_no_hourly_period() -> None:
    periods = find_periods(make_panel(np.random.default_rng(0).normal(size=(1, 500)), 600.0), own=False)
    assert periods.tolist() == [[0, 144, 0, 0, 0]]


def test_an_own_period_is_found_and_its_multiples_are_not() -> None:
    assert autocorrelation_periods(wave(37, 3_000), known=[]) == [37]


def test_a_known_period_is_not_found_again() -> None:
    assert autocorrelation_periods(wave(60, 3_000), known=[60]) == []


def test_a_multiple_of_a_known_period_that_the_series_does_not_have_is_found() -> None:
    assert autocorrelation_periods(np.arange(3_000.0) % 120, known=[60]) == [120]


def test_noise_and_constants_have_no_period() -> None:
    assert autocorrelation_periods(np.random.default_rng(1).normal(size=3_000), known=[]) == []
    assert autocorrelation_periods(np.zeros(3_000), known=[]) == []
