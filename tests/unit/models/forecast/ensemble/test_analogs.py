from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.analogs import Analogs, nearest
from pronoia.models.forecast.ensemble.panel import make_panel
from pronoia.models.forecast.ensemble.quantiles import MEDIAN


def test_neighbours_of_a_periodic_series_stand_whole_periods_back() -> None:
    panel = make_panel(np.sin(2.0 * np.pi * np.arange(2_000) / 50)[None], 60.0)
    starts = nearest(panel.sums[0], 0, 2_000, block=1, reach=20)
    assert set((2_000 - starts[:20]) % 50) == {0}
    assert starts.max() <= 2_000 - 20


def test_neighbours_stand_apart() -> None:
    panel = make_panel(np.random.default_rng(0).normal(size=(1, 2_000)), 60.0)
    starts = np.sort(nearest(panel.sums[0], 0, 2_000, block=1, reach=20))
    assert len(starts) == 60
    assert np.diff(starts).min() >= 4


def test_a_history_shorter_than_pattern_and_horizon_has_nothing_to_say() -> None:
    panel = make_panel(np.random.default_rng(0).normal(size=(1, 80)), 60.0)
    fitted = Analogs().fit(panel, np.zeros((1, 5), np.int64), np.array([80]), np.array([1, 48]))
    assert np.isnan(fitted.quantiles(panel, np.array([[80]]), np.arange(1, 49))).all()


def test_a_square_wave_is_continued() -> None:
    panel = make_panel((np.arange(3_000) // 30 % 2).astype(float)[None], 60.0)
    fitted = Analogs().fit(panel, np.zeros((1, 5), np.int64), np.array([2_990]), np.array([1, 40]))
    forecast = fitted.quantiles(panel, np.array([[2_990]]), np.arange(1, 41))[0, 0, MEDIAN] + panel.centre[0]
    expected = (np.arange(2_990, 3_030) // 30 % 2).astype(float)
    assert (forecast != expected).sum() <= 4
