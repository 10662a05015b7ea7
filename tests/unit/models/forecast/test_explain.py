from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.registry import MEMBERS
from pronoia.models.forecast.explain import explain
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

HOUR = 3_600_000
END_MS = 480 * HOUR


def history(*rows: np.ndarray) -> AlignedFrame:
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(rows)))
    return AlignedFrame(labels, Grid.ending_at(END_MS, HOUR, len(rows[0])), np.array(rows, dtype=float))


def noise() -> np.ndarray:
    return 10.0 + np.random.default_rng(0).normal(0.0, 1.0, 240)


def fit(model: str, *rows: np.ndarray, horizon: int = 24) -> FittedForecasts:
    return fit_forecasts(history(*rows), ForecastSettings(HOUR, horizon, refit_steps=2, model=model))


def test_weights_of_the_ensembles_members_sum_to_one_in_each_bucket_that_the_horizon_reaches() -> None:
    told = explain(fit("ensemble", noise()))
    assert told.members == tuple(member.name for member in MEMBERS)
    assert told.bucket_starts_seconds.tolist() == [3_600.0, 4 * 3_600.0, 13 * 3_600.0]
    np.testing.assert_allclose(told.weights.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(sum(told.mean_weights.values()), 1.0, rtol=1e-5)


def test_on_white_noise_most_weight_goes_to_members_that_know_a_level() -> None:
    weights = explain(fit("ensemble", noise())).mean_weights
    assert weights["persistence"] < 0.1


def test_where_another_model_speaks_there_are_no_weights() -> None:
    told = explain(fit("naive", noise(), np.full(240, 3.0)))
    assert not told.weights.any()
    assert told.mean_weights == {}


def test_the_loss_is_relative_to_the_guard() -> None:
    told = explain(fit("median", noise()))
    assert told.loss_ratios[0] < 0.9
    assert explain(fit("seasonal-naive", noise())).loss_ratios[0] == 1.0


def test_a_constant_was_not_backtested() -> None:
    assert np.isnan(explain(fit("auto", np.full(240, 3.0))).loss_ratios[0])


def test_when_a_series_was_fitted_and_how_its_intervals_were_widened_is_told() -> None:
    fitted = fit("naive", noise())
    widening = np.log(np.full(fitted.widening.shape, 1.5))
    told = explain(fitted.with_widening(widening))
    assert told.fitted_at_seconds.tolist() == [END_MS / 1_000]
    np.testing.assert_allclose(told.interval_factors, 1.5)
    assert told.knots_seconds[0] == 3_600.0


def test_what_is_told_survives_being_saved() -> None:
    fitted = fit("ensemble", noise())
    restored = FittedForecasts.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(restored.member_weights, fitted.member_weights)
    np.testing.assert_array_equal(restored.loss_ratios, fitted.loss_ratios)
