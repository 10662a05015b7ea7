from __future__ import annotations

import numpy as np

from pronoia.models.forecast.prepare import constant_value, forward_fill, prepare, winsorise


def test_gaps_are_filled_with_the_value_before() -> None:
    assert forward_fill(np.array([1.0, np.nan, np.nan, 4.0])).tolist() == [1, 1, 1, 4]


def test_a_prepared_series_is_of_order_one_and_can_be_undone() -> None:
    values = np.array([np.nan, 1e6, 3e6, np.nan, 2e6, 5e6])
    prepared = prepare(values)
    assert np.abs(prepared.values).max() < 10.0
    np.testing.assert_allclose(prepared.truth * prepared.scale + prepared.centre, values[1:])


def test_a_gap_is_filled_for_members_and_stays_a_gap_for_judges() -> None:
    prepared = prepare(np.array([1.0, np.nan, 3.0, 8.0]))
    assert np.isfinite(prepared.values).all()
    assert np.isnan(prepared.truth[1])


def test_a_rare_spike_is_clipped_and_ordinary_values_are_not() -> None:
    values = np.sin(np.arange(2000) / 10.0)
    spiky = values.copy()
    spiky[700] = 1e6
    clipped = winsorise(spiky)
    assert clipped[700] < 10.0
    np.testing.assert_array_equal(np.delete(clipped, 700), np.delete(values, 700))


def test_rounding_is_no_change() -> None:
    assert constant_value(np.array([0.1 + 0.2, 0.3, np.nan, 0.3])) == 0.3
    assert constant_value(np.array([0.0, 1e-9])) is None
