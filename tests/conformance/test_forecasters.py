"""What every forecaster in the catalogue does by being there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.models.catalogue import AUTO, member_names, missing_extra
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

if TYPE_CHECKING:
    from pronoia.predictions.forecast import Forecast

STEP_MS = 3_600_000
DAY = 24
HORIZON = 24
N_STEPS = 6 * DAY


@pytest.fixture(params=[AUTO, *member_names()])
def settings(request: pytest.FixtureRequest) -> ForecastSettings:
    if (extra := missing_extra(request.param)) is not None:
        pytest.skip(f"extra {extra} is not installed")
    return ForecastSettings(STEP_MS, HORIZON, refit_steps=2, model=request.param)


def frame(*rows: np.ndarray, names: list[str] | None = None) -> AlignedFrame:
    names = names or [f"s{i}" for i in range(len(rows))]
    labels = tuple(LabelSet({"__name__": "m", "series": name}) for name in names)
    grid = Grid.ending_at(1_700_000_000_000, STEP_MS, len(rows[0]))
    return AlignedFrame(labels, grid, np.array(rows, dtype=np.float64))


def noisy_day(seed: int = 0, n_steps: int = N_STEPS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(n_steps) / DAY) + rng.normal(0.0, 0.5, n_steps)


def forecast(history: AlignedFrame, settings: ForecastSettings) -> Forecast:
    return fit_forecasts(history, settings).predict(history, settings.horizon_steps)


def arrays_of(result: Forecast) -> np.ndarray:
    return np.stack([result.lower, result.point, result.upper])


def hard_series() -> dict[str, np.ndarray]:
    """Series that break careless code, all with a forecast defined."""
    rng = np.random.default_rng(1)
    steps = np.arange(N_STEPS)
    gap_at_start, half_missing, late_gap = noisy_day(2), noisy_day(3), noisy_day(4)
    gap_at_start[: N_STEPS // 3] = np.nan
    half_missing[rng.random(N_STEPS) < 0.5] = np.nan
    late_gap[-3:] = np.nan
    return {
        "constant": np.full(N_STEPS, 7.0),
        "constant zero": np.zeros(N_STEPS),
        "gap at start": gap_at_start,
        "half missing": half_missing,
        "gap at end": late_gap,
        "huge": 1e18 * noisy_day(5),
        "enormous": 1e120 * noisy_day(5),
        "tiny": 1e-18 * noisy_day(6),
        "large offset": 1e15 + noisy_day(6),
        "negative": -noisy_day(7),
        "intermittent": np.where(rng.random(N_STEPS) < 0.03, rng.exponential(5.0, N_STEPS), 0.0),
        "one spike": np.where(steps == N_STEPS // 2, 1e9, 1.0),
        "step": np.where(steps < N_STEPS // 2, 1.0, 50.0) + rng.normal(0.0, 0.1, N_STEPS),
        "step now": np.where(steps < N_STEPS - 1, 1.0, 50.0),
        "ramp": steps.astype(np.float64),
        "sawtooth with resets": (steps % 37).astype(np.float64),
        "random walk": rng.normal(0.0, 1.0, N_STEPS).cumsum(),
        "alternating": (steps % 2).astype(np.float64),
        "saturated": np.minimum(noisy_day(8), 10.0),
        "infinite somewhere": np.where(steps == 20, np.inf, noisy_day(9)),
        "short": np.concatenate([np.full(N_STEPS - 20, np.nan), noisy_day(10, 20)]),
    }


HARD = hard_series()


@pytest.mark.parametrize("name", HARD)
def test_hard_series_have_a_finite_ordered_forecast(name: str, settings: ForecastSettings) -> None:
    result = forecast(frame(HARD[name]), settings)
    assert result.n_series == 1
    assert np.isfinite(arrays_of(result)).all()
    assert (result.lower <= result.point).all()
    assert (result.point <= result.upper).all()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full(N_STEPS, np.nan), "no_data"),
        (np.append(np.full(N_STEPS - 1, np.nan), 1.0), "too_short"),
        (np.where(np.arange(N_STEPS) < N_STEPS // 2, noisy_day(), np.nan), "ended"),
        (np.where(np.arange(N_STEPS) % 6 == 5, noisy_day(), np.nan), "gaps"),
        (np.full(N_STEPS, 1e200) * noisy_day(), "too_large"),
    ],
    ids=["all NaN", "one sample", "ended", "gaps", "too large"],
)
def test_series_that_cannot_be_forecast_are_left_out_with_a_reason(
    values: np.ndarray, reason: str, settings: ForecastSettings
) -> None:
    fitted = fit_forecasts(frame(values), settings)
    assert [why for _, why in fitted.skipped] == [reason]
    assert fitted.predict(frame(values), 3).n_series == 0


def test_a_constant_stays_what_it_is(settings: ForecastSettings) -> None:
    np.testing.assert_array_equal(arrays_of(forecast(frame(HARD["constant"]), settings)), 7.0)


def test_silence_stays_exactly_zero_at_the_lower_bound(settings: ForecastSettings) -> None:
    limited = ForecastSettings(STEP_MS, HORIZON, refit_steps=2, model=settings.model, minimum=0.0)
    np.testing.assert_array_equal(forecast(frame(HARD["intermittent"]), limited).lower[0].min(), 0.0)


def test_the_input_is_not_changed(settings: ForecastSettings) -> None:
    history = frame(noisy_day(), HARD["half missing"])
    before = history.values.copy()
    forecast(history, settings)
    np.testing.assert_array_equal(history.values, before)


def test_the_same_input_gives_the_same_answer(settings: ForecastSettings) -> None:
    history = frame(noisy_day(), HARD["random walk"])
    np.testing.assert_array_equal(arrays_of(forecast(history, settings)), arrays_of(forecast(history, settings)))


def test_predicting_twice_gives_the_same(settings: ForecastSettings) -> None:
    history = frame(noisy_day())
    fitted = fit_forecasts(history, settings)
    np.testing.assert_array_equal(arrays_of(fitted.predict(history, 9)), arrays_of(fitted.predict(history, 9)))


def test_permuting_series_permutes_the_forecast(settings: ForecastSettings) -> None:
    rows = [noisy_day(), HARD["ramp"], HARD["intermittent"]]
    there = forecast(frame(*rows, names=["a", "b", "c"]), settings)
    back = forecast(frame(*rows[::-1], names=["c", "b", "a"]), settings)
    assert back.models == there.models[::-1]
    np.testing.assert_allclose(arrays_of(back)[:, ::-1], arrays_of(there), rtol=1e-12)


def test_a_bad_series_does_not_move_a_good_ones_point(settings: ForecastSettings) -> None:
    alone = forecast(frame(noisy_day()), settings)
    beside = forecast(frame(noisy_day(), HARD["one spike"], np.full(N_STEPS, np.nan), HARD["enormous"]), settings)
    np.testing.assert_array_equal(beside.point[0], alone.point[0])


def test_limits_are_respected(settings: ForecastSettings) -> None:
    limited = ForecastSettings(STEP_MS, HORIZON, model=settings.model, minimum=9.0, maximum=11.0)
    result = arrays_of(forecast(frame(noisy_day(), HARD["ramp"], HARD["constant"]), limited))
    assert result.min() >= 9.0
    assert result.max() <= 11.0


def test_intervals_nest_as_the_level_grows(settings: ForecastSettings) -> None:
    history = frame(noisy_day(), HARD["random walk"], HARD["intermittent"])
    fitted = fit_forecasts(history, settings)
    levels = [fitted.predict(history, HORIZON, level) for level in (0.5, 0.8, 0.95, 0.99)]
    for inner, outer in pairwise(levels):
        assert (outer.lower <= inner.lower).all()
        assert (outer.upper >= inner.upper).all()


def test_a_fit_survives_being_saved(settings: ForecastSettings, tmp_path) -> None:
    history = frame(noisy_day(), HARD["constant"], np.full(N_STEPS, np.nan))
    fitted = fit_forecasts(history, settings)
    np.savez(tmp_path / "fit.npz", **fitted.to_arrays())
    with np.load(tmp_path / "fit.npz", allow_pickle=False) as arrays:
        restored = FittedForecasts.from_arrays(arrays)
    assert restored.skipped == fitted.skipped
    assert restored.settings == fitted.settings
    np.testing.assert_array_equal(arrays_of(restored.predict(history, 9)), arrays_of(fitted.predict(history, 9)))


def test_a_clean_sine_is_forecast_better_than_by_persistence(settings: ForecastSettings) -> None:
    if settings.model in {"naive", "median"}:
        pytest.skip("has no notion of a season")
    sine = np.sin(2.0 * np.pi * np.arange(N_STEPS + HORIZON) / DAY)
    result = forecast(frame(sine[:N_STEPS]), settings)
    future = sine[N_STEPS:]
    error = np.abs(result.point[0] - future).mean()
    assert error < 0.25 * np.abs(sine[N_STEPS - 1] - future).mean()


def test_a_new_sample_moves_the_forecast_without_a_refit() -> None:
    rng = np.random.default_rng(3)
    walk = rng.normal(0.0, 1.0, N_STEPS).cumsum()
    history = frame(walk)
    fitted = fit_forecasts(history, ForecastSettings(STEP_MS, HORIZON, refit_steps=2, model="naive"))
    later = AlignedFrame(history.labels, Grid(history.grid.end_ms + STEP_MS, STEP_MS, 1), np.array([[walk[-1] + 5.0]]))
    moved = fitted.predict(later, HORIZON)
    assert moved.point[0, 0] > fitted.predict(history, HORIZON).point[0, 0] + 3.0
