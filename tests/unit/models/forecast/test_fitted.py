from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pronoia.errors import StateError
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

HOUR = 3_600_000
SETTINGS = ForecastSettings(HOUR, 24, refit_steps=6)
N_STEPS = 144


def frame(values: np.ndarray, end_ms: int = 480 * HOUR) -> AlignedFrame:
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(values)))
    return AlignedFrame(labels, Grid.ending_at(end_ms, HOUR, values.shape[1]), values)


@pytest.fixture(scope="module")
def history() -> AlignedFrame:
    rng = np.random.default_rng(0)
    day = np.sin(2.0 * np.pi * np.arange(N_STEPS) / 24)
    return frame(10.0 + 3.0 * day + rng.normal(0.0, 0.3, (3, N_STEPS)))


@pytest.fixture(scope="module")
def fitted(history: AlignedFrame) -> FittedForecasts:
    return fit_forecasts(history, SETTINGS)


def nothing_seen(history: AlignedFrame, end_ms: int) -> AlignedFrame:
    return AlignedFrame(history.labels, Grid.ending_at(end_ms, HOUR, 1), np.full((3, 1), np.nan))


def test_an_origin_between_instants_interpolates_the_curve(fitted: FittedForecasts, history: AlignedFrame) -> None:
    end_ms = history.grid.end_ms
    early, late, between = (
        fitted.predict(nothing_seen(history, end_ms + shift_ms), 24).point for shift_ms in (0, HOUR, HOUR // 2)
    )
    np.testing.assert_allclose(between, (early + late) / 2.0)


def test_until_the_next_fit_the_whole_horizon_is_there(fitted: FittedForecasts, history: AlignedFrame) -> None:
    late = fitted.predict(nothing_seen(history, history.grid.end_ms + 6 * HOUR), 24)
    np.testing.assert_allclose(late.point[:, -1], fitted.curves[:, -1])


def test_a_late_refit_holds_the_end_of_the_curve(fitted: FittedForecasts, history: AlignedFrame) -> None:
    late = fitted.predict(nothing_seen(history, history.grid.end_ms + 100 * HOUR), 24)
    np.testing.assert_allclose(late.point, np.repeat(fitted.curves[:, -1:], 24, axis=1))


def test_series_may_come_in_any_order_and_number(fitted: FittedForecasts, history: AlignedFrame) -> None:
    whole = fitted.predict(history, 24)
    some = fitted.predict(history.take([2, 0]), 24)
    np.testing.assert_array_equal(some.point[[0, 2]], whole.point[[0, 2]])


def test_parts_fitted_apart_are_joined(fitted: FittedForecasts, history: AlignedFrame) -> None:
    parts = [fit_forecasts(history.take([i]), SETTINGS) for i in range(3)]
    joined = FittedForecasts.concatenate(parts)
    whole, together = fitted.predict(history, 24), joined.predict(history, 24)
    np.testing.assert_array_equal(together.point, whole.point)
    np.testing.assert_allclose(together.lower, whole.lower)
    np.testing.assert_allclose(together.upper, whole.upper)
    assert joined.counts == fitted.counts


def test_parts_of_different_settings_are_not_joined(fitted: FittedForecasts, history: AlignedFrame) -> None:
    other = fit_forecasts(history.take([0]), ForecastSettings(HOUR, 24, refit_steps=6, level=0.8))
    with pytest.raises(ValueError, match="different settings"):
        FittedForecasts.concatenate([fitted, other])


def test_another_level_moves_the_bounds_and_not_the_point(fitted: FittedForecasts, history: AlignedFrame) -> None:
    usual = fitted.predict(history, 24)
    for level in (0.5, 0.7, 0.95):
        apart, around = fitted.predict(history, 24, level), fitted.at_level(usual, history, level)
        for name in ("point", "lower", "upper"):
            np.testing.assert_allclose(getattr(around, name), getattr(apart, name))
        assert around.level == level


def test_bounds_at_the_knots_are_those_of_the_whole_forecast(fitted: FittedForecasts, history: AlignedFrame) -> None:
    usual = fitted.predict(history, 24)
    at_knots = fitted.bounds_at_knots(usual, history, (0.5, 0.8))
    assert at_knots.shape == (2, 2, 3, len(fitted.knots))
    for (lower, upper), level in zip(at_knots, (0.5, 0.8), strict=True):
        whole = fitted.at_level(usual, history, level)
        np.testing.assert_allclose(lower, whole.lower[:, fitted.knots - 1])
        np.testing.assert_allclose(upper, whole.upper[:, fitted.knots - 1])
    assert fitted.bounds_at_knots(usual, history, ()).shape == (0, 2, 3, len(fitted.knots))


def test_each_level_has_thresholds_of_its_own(fitted: FittedForecasts, history: AlignedFrame) -> None:
    other = fit_forecasts(history, ForecastSettings(HOUR, 24, refit_steps=6, level=0.9))
    assert other.levels == (0.5, 0.8, 0.9, 0.95)
    np.testing.assert_array_equal(other.thresholds[[0, 1, 3]], fitted.thresholds)
    np.testing.assert_array_equal(other.predict(history, 24, 0.95).upper, fitted.predict(history, 24).upper)


def test_taking_series_keeps_their_forecasts(fitted: FittedForecasts, history: AlignedFrame) -> None:
    taken = fitted.take([2, 1])
    expected = fitted.predict(history, 24).upper[[2, 1]]
    # Products of other shapes may differ in the last bit, on some processors.
    np.testing.assert_allclose(taken.predict(history, 24).upper, expected, rtol=1e-12)


def test_widening_moves_bounds_and_not_the_point(fitted: FittedForecasts, history: AlignedFrame) -> None:
    wider = fitted.with_widening(np.full_like(fitted.widening, 0.5)).predict(history, 24)
    usual = fitted.predict(history, 24)
    np.testing.assert_array_equal(wider.point, usual.point)
    assert (wider.upper >= usual.upper).all()
    assert (wider.lower < usual.lower).any()


def test_a_restless_series_has_wider_bounds(fitted: FittedForecasts, history: AlignedFrame) -> None:
    rng = np.random.default_rng(1)
    shaken = history.values[:, -48:] + rng.normal(0.0, 3.0, (3, 48))
    shaken[:, -1] = history.values[:, -1]
    calm = fitted.predict(history, 24)
    restless = fitted.predict(frame(shaken), 24)
    assert (restless.upper - restless.lower).mean() > 1.2 * (calm.upper - calm.lower).mean()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays: arrays.pop("curves"),
        lambda arrays: arrays.update(words=np.frombuffer(b"{}", np.uint8)),
        lambda arrays: arrays.update(words=arrays["words"][:-5]),
        lambda arrays: arrays.update(words=np.frombuffer(b'{"format": 1}', np.uint8)),
        lambda arrays: arrays.update(curves=arrays["curves"][:, :-1]),
        lambda arrays: arrays.update(sketches=arrays["sketches"] * np.nan),
    ],
    ids=["missing", "no words", "cut off", "of before", "wrong shape", "not finite"],
)
def test_spoilt_state_is_a_state_error(fitted: FittedForecasts, spoil) -> None:
    arrays = fitted.to_arrays()
    spoil(arrays)
    with pytest.raises(StateError):
        FittedForecasts.from_arrays(arrays)


def test_bounds_of_a_higher_level_enclose_those_of_a_lower(fitted: FittedForecasts, history: AlignedFrame) -> None:
    levels = [fitted.predict(history, 24, level) for level in (0.1, 0.5, 0.7, 0.8, 0.95, 0.97, 0.999)]
    for inner, outer in pairwise(levels):
        assert (outer.lower <= inner.lower).all()
        assert (outer.upper >= inner.upper).all()


def test_another_level_has_the_bounds_of_a_fit_at_that_level(history: AlignedFrame, fitted: FittedForecasts) -> None:
    half = fit_forecasts(history.take([0]), replace(SETTINGS, level=0.5))
    usual = fit_forecasts(history.take([0]), SETTINGS)
    np.testing.assert_allclose(half.predict(history, 24).upper, usual.predict(history, 24, 0.5).upper)


def test_sampled_paths_are_spread_at_each_instant_as_the_intervals_say(
    fitted: FittedForecasts, history: AlignedFrame
) -> None:
    paths = fitted.sample_paths(history, 24, 4_000, np.random.default_rng(0))
    assert paths.shape == (3, 4_000, 24)
    for level in (0.5, 0.8, 0.95):
        forecast = fitted.predict(history, 24, level)
        inside = (paths >= forecast.lower[:, None]) & (paths <= forecast.upper[:, None])
        np.testing.assert_allclose(inside.mean(axis=1), level, atol=0.04)


def test_sampled_paths_repeat_with_the_state_of_chance_and_survive_saving(
    fitted: FittedForecasts, history: AlignedFrame
) -> None:
    again = FittedForecasts.from_arrays(fitted.to_arrays())
    first, second = (one.sample_paths(history, 24, 5, np.random.default_rng(7)) for one in (fitted, again))
    np.testing.assert_array_equal(first, second)
