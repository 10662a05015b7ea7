from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.models.forecast.prior.history_inputs import N_HISTORY, history_inputs
from pronoia.models.forecast.prior.horizon_inputs import FURTHEST, N_HORIZON, calendar_periods, horizon_inputs
from pronoia.models.forecast.prior.past import make_past

HORIZONS = np.array([1, 2, 7, 60, 200, 960, 5_000])


def inputs(values: np.ndarray, anchors: list[int], step_seconds: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    moments = np.array(anchors)
    past = make_past(values, calendar_periods(step_seconds), min(anchors))
    history = history_inputs(past, moments)
    return history.inputs, horizon_inputs(past, moments, np.tile(HORIZONS, (len(moments), 1)), history)


def wandering(n_steps: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    day = np.sin(2.0 * np.pi * np.arange(n_steps) / 1_440)
    return 3.0 * day + 0.05 * rng.normal(size=n_steps).cumsum() + rng.normal(size=n_steps)


@settings(max_examples=60, deadline=None)
@given(
    anchor=st.integers(1, 4_000),
    later=st.sampled_from([0.0, 1.0, -1e3, 1e9, 1e15]),
    step_seconds=st.sampled_from([10.0, 60.0, 300.0, 3_600.0]),
)
def test_no_input_sees_what_comes_after_its_moment(anchor: int, later: float, step_seconds: float) -> None:
    values = wandering(4_000)
    changed = values.copy()
    changed[anchor:] = changed[anchor:] * later + later
    for one, other in zip(inputs(values, [anchor], step_seconds), inputs(changed, [anchor], step_seconds), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("anchor", [1, 2, 3, 50, 1_300, 4_000])
def test_inputs_are_the_same_whether_the_series_ends_or_goes_on(anchor: int) -> None:
    values = wandering(4_000)
    for one, other in zip(inputs(values, [anchor]), inputs(values[:anchor], [anchor]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_moment_asked_for_among_others_has_the_same_inputs_but_for_rounding() -> None:
    values = wandering(8_000)
    for one, among in zip(inputs(values, [7_000]), inputs(values, [30, 2_500, 7_000]), strict=True):
        np.testing.assert_allclose(one[0], among[2], atol=1e-5)


@pytest.mark.parametrize(("factor", "shift"), [(1e9, 0.0), (1e-9, 0.0), (2.0, 1e9), (1e6, -1e13)])
def test_inputs_do_not_depend_on_unit_or_zero(factor: float, shift: float) -> None:
    values = wandering(6_000)
    for one, other in zip(inputs(values, [5_999]), inputs(values * factor + shift, [5_999]), strict=True):
        # What is left of the values' own digits next to the shift.
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_a_distant_level_of_long_ago_costs_no_precision() -> None:
    values = wandering(12_000)
    jumped = values.copy()
    jumped[:3_000] += 1e9
    calm, after_jump = inputs(values, [11_900], 300.0)[0], inputs(jumped, [11_900], 300.0)[0]
    # A billion deviations away; the network does not notice a thousandth.
    np.testing.assert_allclose(calm, after_jump, atol=1e-3)


def test_a_series_at_its_beginning_has_finite_inputs() -> None:
    for anchor in (1, 2, 3, 10):
        history, horizon = inputs(wandering(20), [anchor])
        assert history.shape == (1, N_HISTORY)
        assert horizon.shape == (1, len(HORIZONS), N_HORIZON)
        assert np.isfinite(history).all()
        assert np.isfinite(horizon).all()


def test_a_constant_has_no_scale_and_finite_inputs() -> None:
    past = make_past(np.full(500, 7.0), calendar_periods(60.0), 400)
    history = history_inputs(past, np.array([400, 500]))
    np.testing.assert_array_equal(history.scale, 0.0)
    np.testing.assert_array_equal(history.centre, 7.0)
    assert np.isfinite(history.inputs).all()


def test_beyond_the_furthest_known_distance_the_network_is_told_that_distance() -> None:
    values = wandering(6_000)
    moments = np.array([6_000])
    past = make_past(values, (0, 0, 0), 6_000)
    history = history_inputs(past, moments)
    horizon = horizon_inputs(past, moments, np.array([[FURTHEST, 4 * FURTHEST]]), history)
    np.testing.assert_array_equal(horizon[0, 0], horizon[0, 1])


def test_the_value_of_a_cycle_ago_is_the_first_input_of_its_period() -> None:
    values = wandering(6_000)
    history, horizon = inputs(values, [6_000])
    past = make_past(values, calendar_periods(60.0), 6_000)
    moment = history_inputs(past, np.array([6_000]))
    expected = np.arcsinh((values[6_000 - 1_440 + 6] - moment.centre[0]) / moment.scale[0])
    # Day is the second period of eight inputs; the third horizon is seven steps ahead.
    assert horizon[0, 2, 8] == pytest.approx(expected, rel=1e-5)
    assert history.dtype == horizon.dtype == np.float32
