from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.panel import make_panel


def test_gaps_are_filled_with_the_value_before_but_stay_gaps_in_the_truth() -> None:
    panel = make_panel(np.array([[np.nan, 1.0, np.nan, 3.0]]), 60.0)
    assert (panel.values[0, 1:] + panel.centre[0]).tolist() == [1.0, 1.0, 3.0]
    assert np.isnan(panel.truth[0]).tolist() == [True, False, True, False]
    assert panel.first.tolist() == [1]
    assert panel.lengths.tolist() == [3]


def test_sums_give_every_window() -> None:
    values = np.random.default_rng(0).normal(size=(3, 50))
    panel = make_panel(values, 60.0)
    np.testing.assert_allclose(panel.sums[:, 40] - panel.sums[:, 7], panel.values[:, 7:40].sum(axis=1))
    steps = np.abs(np.diff(panel.values[:, 6:40], axis=1)).sum(axis=1)
    np.testing.assert_allclose(panel.step_sums[:, 40] - panel.step_sums[:, 7], steps)


def test_a_rare_spike_is_clipped_and_a_level_that_stays_is_not() -> None:
    values = np.random.default_rng(0).normal(size=(2, 2_000))
    values[0, 1_000] = 1e6
    values[1, -40:] = 1e3
    panel = make_panel(values, 60.0)
    assert panel.values[0].max() < 20.0
    assert panel.values[1, -1] + panel.centre[1] == 1e3


def test_a_series_without_a_sample_is_empty() -> None:
    panel = make_panel(np.full((1, 5), np.nan), 60.0)
    assert panel.lengths.tolist() == [0]
    assert not panel.sums.any()
