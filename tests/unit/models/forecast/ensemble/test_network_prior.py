from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pronoia.models.forecast.ensemble.network_prior import FittedNetworkPrior, NetworkPrior
from pronoia.models.forecast.ensemble.panel import Panel, make_panel
from pronoia.models.forecast.ensemble.periods import find_periods
from pronoia.models.forecast.ensemble.quantiles import DECILES, MEDIAN, SHARES
from pronoia.models.forecast.knots import make_knots

HORIZON = 48
AHEAD = np.arange(1, HORIZON + 1)


def days(n_series: int = 2, n_steps: int = 3_000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    phase = 2.0 * np.pi * np.arange(n_steps) / 288
    return 20.0 + 5.0 * np.sin(phase) + rng.normal(0.0, 0.5, (n_series, n_steps))


def fitted(
    values: np.ndarray, horizon: int = HORIZON, ends: list[int] | None = None
) -> tuple[Panel, FittedNetworkPrior]:
    panel = make_panel(values, 300.0)
    until = np.array(ends if ends is not None else [panel.n_steps] * panel.n_series)
    return panel, NetworkPrior().fit(panel, find_periods(panel), until, make_knots(horizon))


def forecast(values: np.ndarray) -> np.ndarray:
    panel, prior = fitted(values)
    return (
        prior.quantiles(panel, np.full((panel.n_series, 1), panel.n_steps), AHEAD)[:, 0] + panel.centre[:, None, None]
    )


def test_it_forecasts_every_share_of_every_series_and_origin() -> None:
    panel, prior = fitted(days())
    said = prior.quantiles(panel, np.array([[2_900, 2_950, 3_000]] * 2), AHEAD)
    assert said.shape == (2, 3, len(SHARES), HORIZON)
    assert np.isfinite(said).all()


def test_it_follows_the_day() -> None:
    values = days(n_steps=3_000 + HORIZON)
    missed = np.abs(forecast(values[:, :3_000])[:, MEDIAN] - values[:, 3_000:]).mean()
    assert missed < 0.6  # the noise alone costs 0.4; the last value, 1.5


def test_it_looks_at_nothing_from_its_end_on() -> None:
    values = days()
    # The same values in another order: what the panel takes from the whole, its centre and its limits, stays.
    changed = values.copy()
    changed[:, 2_500:] = np.flip(values[:, 2_500:], axis=1)
    said = []
    for panel in (make_panel(values, 300.0), make_panel(changed, 300.0)):
        prior = NetworkPrior().fit(panel, np.array([[12, 288, 0]] * 2), np.full(2, 2_500), make_knots(HORIZON))
        said.append(prior.quantiles(panel, np.full((2, 1), 2_500), AHEAD))
    np.testing.assert_array_equal(said[0], said[1])


@pytest.mark.parametrize("value", [0.0, -3.5, 0.1, 1e12])
def test_a_constant_stays(value: float) -> None:
    np.testing.assert_allclose(forecast(np.full((1, 600), value)), value, rtol=1e-12)


def test_units_do_not_matter() -> None:
    values = days()
    np.testing.assert_allclose(forecast(values) * 1e6, forecast(values * 1e6), rtol=1e-3)


@pytest.mark.parametrize("n_known", [1, 2, 5, 20, 99, 100, 300])
def test_a_young_series_is_spoken_of(n_known: int) -> None:
    values = np.full((1, 400), np.nan)
    values[0, 400 - n_known :] = days(1, n_known)[0]
    said = forecast(values)
    assert np.isfinite(said).all()
    assert (np.abs(said[:, DECILES] - 20.0) < 40.0).all()


def test_below_a_hundred_values_the_network_speaks_as_shipped() -> None:
    _, prior = fitted(days(1, 99))
    assert not prior.coefficients.any()
    assert not prior.believed.any()
    np.testing.assert_array_equal(prior.factors, 1.0)


def test_what_is_believed_of_the_series_falls_with_the_horizon() -> None:
    _, prior = fitted(days())
    assert (np.diff(prior.believed, axis=1) < 0.0).all()
    assert prior.believed.max() < 0.5


def test_a_series_without_samples_is_not_spoken_of() -> None:
    values = days()
    values[1] = np.nan
    said = forecast(values)
    assert np.isfinite(said[0]).all()
    assert np.isnan(said[1]).all()


def test_horizons_beyond_those_it_was_trained_on_are_finite_and_near() -> None:
    panel, prior = fitted(days(), horizon=5_000)
    said = prior.quantiles(panel, np.full((2, 1), panel.n_steps), np.array([1, 1_440, 3_000, 5_000]))
    assert np.isfinite(said).all()
    assert (np.abs(said) < 25.0).all()


def test_a_restored_prior_says_the_same() -> None:
    panel, prior = fitted(days())
    origins = np.full((2, 1), panel.n_steps)
    restored = NetworkPrior().restore(prior.arrays())
    np.testing.assert_array_equal(prior.quantiles(panel, origins, AHEAD), restored.quantiles(panel, origins, AHEAD))


def test_half_of_what_is_learnt_counts_and_half_of_what_was_shipped() -> None:
    panel, prior = fitted(days())
    origins = np.full((2, 1), panel.n_steps)
    unlearnt = dataclasses.replace(
        prior,
        coefficients=np.zeros_like(prior.coefficients),
        believed=np.zeros_like(prior.believed),
        factors=np.ones_like(prior.factors),
    )
    # Three times as wide where it is corrected is twice as wide on the whole.
    wider = dataclasses.replace(unlearnt, factors=np.full_like(prior.factors, 3.0))
    shipped, twice = (one.quantiles(panel, origins, AHEAD) for one in (unlearnt, wider))
    width, widened = (said[:, 0, -1] - said[:, 0, 0] for said in (shipped, twice))
    np.testing.assert_allclose(widened, 2.0 * width)
