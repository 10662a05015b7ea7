"""What the ensemble and each of its members do with series that break careless code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import pronoia
from pronoia.models.forecast.ensemble.ensemble import fit_ensemble
from pronoia.models.forecast.ensemble.quantiles import MEDIAN, SHARES
from pronoia.models.forecast.ensemble.registry import MEMBERS

if TYPE_CHECKING:
    from pronoia.models.forecast.ensemble.member import Member

N_STEPS = 2_000
HORIZON = 48
MINUTE = 60.0
ENSEMBLES = [*((member,) for member in MEMBERS), MEMBERS]


@pytest.fixture(params=ENSEMBLES, ids=lambda members: "+".join(member.name for member in members))
def members(request: pytest.FixtureRequest) -> tuple[Member, ...]:
    return request.param


def hard_series() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    steps = np.arange(N_STEPS)
    noisy = 10.0 + rng.normal(0.0, 1.0, N_STEPS)
    intermittent = np.where(rng.random(N_STEPS) < 0.04, rng.gamma(2.0, 5.0, N_STEPS), 0.0)
    stepping = np.repeat(rng.choice([2.0, 5.0, 9.0], N_STEPS // 200), 200)
    new_level = np.where(steps < N_STEPS - 40, 3.0, 80.0)
    half_missing = noisy.copy()
    half_missing[rng.random(N_STEPS) < 0.5] = np.nan
    spiky = np.where(rng.random(N_STEPS) < 0.002, 1e6, 1.0) + rng.normal(0.0, 0.01, N_STEPS)
    late = noisy.copy()
    late[: N_STEPS - 30] = np.nan
    return {
        "constant": np.full(N_STEPS, 0.1),
        "zeros": np.zeros(N_STEPS),
        "intermittent": intermittent,
        "saturating": np.minimum(80.0 + 0.02 * steps + rng.normal(0.0, 1.0, N_STEPS), 100.0),
        "stepping": stepping,
        "new level": new_level,
        "spiky": spiky,
        "sawtooth": (steps % 120).astype(float),
        "resetting": np.where(steps < 1_500, steps * 7.0, (steps - 1_500) * 7.0),
        "half missing": half_missing,
        "started late": late,
        "one sample": np.where(steps < N_STEPS - 1, np.nan, 4.0),
        "huge": noisy * 1e140,
        "tiny": noisy * 1e-140,
        "negative": -noisy,
        "large offset": 1e12 + noisy,
    }


def forecasts(members: tuple[Member, ...], rows: list[np.ndarray], horizon: int = HORIZON) -> np.ndarray:
    values = np.array(rows)
    return fit_ensemble(values, step_seconds=MINUTE, horizon=horizon, members=members).forecast(values)


def test_every_forecast_of_every_member_is_sorted_and_stays_near_what_was_seen(members: tuple[Member, ...]) -> None:
    series = hard_series()
    result = forecasts(members, list(series.values()))
    for (name, values), forecast in zip(series.items(), result, strict=True):
        spoken = np.isfinite(forecast)
        assert spoken.all() or (len(members) == 1 and not spoken.any()), name
        if not spoken.any():
            continue
        low, high = np.nanmin(values), np.nanmax(values)
        reach = high - low
        assert (np.diff(forecast, axis=0) >= 0.0).all(), name
        assert forecast.min() >= low - reach - 1e-9 * abs(low), name
        assert forecast.max() <= high + reach + 1e-9 * abs(high), name


def test_the_ensemble_speaks_about_every_series_with_a_sample() -> None:
    assert np.isfinite(forecasts(MEMBERS, list(hard_series().values()))).all()


def test_a_constant_is_repeated_exactly(members: tuple[Member, ...]) -> None:
    series = hard_series()
    result = forecasts(members, [series["constant"], series["zeros"]])
    assert (result[0] == 0.1).all()
    assert (result[1] == 0.0).all()


def test_the_median_of_a_mostly_silent_series_is_exactly_zero_and_no_quantile_is_negative() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["intermittent"]])[0]
    assert (forecast[: MEDIAN + 3] == 0.0).all()
    assert (forecast >= 0.0).all()
    assert forecast[-1].max() > 0.0


def test_a_plateau_is_exact_where_the_series_has_stayed_on_it_for_long() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["stepping"]])[0]
    assert (forecast[MEDIAN, :12] == hard_series()["stepping"][-1]).all()


def test_a_level_never_seen_before_is_followed_within_minutes() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["new level"]])[0]
    assert np.abs(forecast[MEDIAN, :12] - 80.0).max() < 8.0


def test_rare_spikes_do_not_move_the_median_away_from_the_usual_level() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["spiky"]])[0]
    assert np.abs(forecast[MEDIAN] - 1.0).max() < 0.1


def test_a_sawtooth_is_followed_through_its_reset() -> None:
    sawtooth = hard_series()["sawtooth"]
    forecast = forecasts(MEMBERS, [sawtooth])[0]
    truth = (np.arange(N_STEPS, N_STEPS + HORIZON) % 120).astype(float)
    assert np.abs(forecast[MEDIAN] - truth).mean() < 6.0


def test_a_saturated_series_stays_below_its_ceiling_nearly_always() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["saturating"]])[0]
    assert forecast[MEDIAN].max() <= 100.0
    assert forecast[-2].max() <= 101.0


def test_half_of_the_samples_are_enough() -> None:
    forecast = forecasts(MEMBERS, [hard_series()["half missing"]])[0]
    assert np.abs(forecast[MEDIAN] - 10.0).max() < 1.0
    assert (forecast[SHARES.index(0.9)] - forecast[SHARES.index(0.1)]).mean() == pytest.approx(2.56, rel=0.3)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 13, 30, 60, 100, 150, 250, 400])
def test_short_series_get_a_finite_forecast_inside_twice_their_range(length: int) -> None:
    rng = np.random.default_rng(length)
    values = 5.0 + rng.normal(0.0, 1.0, (3, length))
    result = pronoia.forecast(values, horizon=60, quantiles=(0.05, 0.5, 0.95))
    assert result.quantiles is not None
    assert np.isfinite(result.quantiles).all()
    reach = np.ptp(values, axis=1)[:, None]
    assert (np.abs(result.point - values.mean(axis=1)[:, None]) <= 1.0 * reach + 1e-12).all()


def test_a_series_without_a_sample_has_no_forecast_and_costs_the_others_nothing() -> None:
    series = hard_series()["half missing"]
    nothing = np.full(N_STEPS, np.nan)
    both = forecasts(MEMBERS, [nothing, series])
    assert np.isnan(both[0]).all()
    # Sums are taken in another order in a larger batch, and the network's are of single precision.
    np.testing.assert_allclose(both[1], forecasts(MEMBERS, [series])[0], rtol=1e-6)


def test_the_forecast_moves_and_scales_with_the_series() -> None:
    series = 50.0 + np.random.default_rng(3).normal(0.0, 4.0, N_STEPS)
    plain, moved = forecasts(MEMBERS, [series])[0], forecasts(MEMBERS, [series * 64.0])[0]
    np.testing.assert_allclose(moved, plain * 64.0, rtol=1e-9)
