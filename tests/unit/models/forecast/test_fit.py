from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import ConfigError, ModelError
from pronoia.models.forecast import fit as fit_module
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.naive import Naive
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

HOUR = 3_600_000
SETTINGS = ForecastSettings(HOUR, 24, refit_steps=3)


def frame(*rows: np.ndarray) -> AlignedFrame:
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(rows)))
    return AlignedFrame(labels, Grid.ending_at(480 * HOUR, HOUR, len(rows[0])), np.array(rows, dtype=float))


def noisy_day(n_steps: int = 144, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(n_steps) / 24) + rng.normal(0.0, 0.3, n_steps)


class Failing(Naive):
    def fit(self, values, seasons):
        raise ModelError("failing", "on purpose")


def with_member(monkeypatch: pytest.MonkeyPatch, name: str, member: object) -> None:
    real = fit_module.make_member
    monkeypatch.setattr(
        fit_module, "make_member", lambda wanted, settings: member if wanted == name else real(wanted, settings)
    )


def test_a_member_that_fails_is_counted_and_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with_member(monkeypatch, "ensemble", Failing(SETTINGS))
    fitted = fit_forecasts(frame(noisy_day(), noisy_day(seed=1)), SETTINGS)
    assert fitted.n_series == 2
    assert fitted.failures == {"ensemble:backtest": 2}


def test_a_pinned_member_that_fails_leaves_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    with_member(monkeypatch, "theta", Failing(SETTINGS))
    fitted = fit_forecasts(frame(noisy_day()), ForecastSettings(HOUR, 24, model="theta"))
    assert fitted.models == ("seasonal-naive",)


def test_a_pinned_member_speaks_even_if_another_is_better() -> None:
    assert fit_forecasts(frame(noisy_day()), ForecastSettings(HOUR, 24, model="median")).models == ("median",)


def test_the_guard_is_used_where_nothing_beats_it() -> None:
    rng = np.random.default_rng(0)
    exact_week = np.tile(rng.normal(size=24), 6)
    fitted = fit_forecasts(frame(exact_week), SETTINGS)
    assert fitted.models == ("seasonal-naive",)
    assert fitted.guarded == 1


def test_a_history_shorter_than_two_days_is_guarded_by_persistence() -> None:
    fitted = fit_forecasts(frame(noisy_day(30)), ForecastSettings(HOUR, 24, model="seasonal-naive"))
    assert fitted.models == ("naive",)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown model"):
        fit_forecasts(frame(noisy_day()), ForecastSettings(HOUR, 24, model="profet"))


def test_a_grid_of_another_step_is_refused() -> None:
    with pytest.raises(ValueError, match="step is 3600000 ms, the settings' 60000 ms"):
        fit_forecasts(frame(noisy_day()), ForecastSettings(60_000, 24))


def test_intervals_of_white_noise_cover_what_they_promise() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(20, 240))
    history = frame(*values[:, :192])
    result = fit_forecasts(history, SETTINGS).predict(history, 24)
    truth = values[:, 192:216]
    # 480 truths of 20 series: three standard errors of a share of 0.95 are 0.03; intervals err on the wide side.
    assert 0.92 <= ((truth >= result.lower) & (truth <= result.upper)).mean() <= 0.995
    assert 3.0 < (result.upper - result.lower).mean() < 7.0


def test_an_incumbent_is_compared_with_the_guard_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with_member(monkeypatch, "ensemble", Failing(SETTINGS))
    history = frame(noisy_day(), noisy_day(seed=1))
    fitted = fit_forecasts(history, SETTINGS, {history.labels[0]: "seasonal-mean"})
    assert fitted.models[0] == "seasonal-mean"
    assert fitted.failures == {"ensemble:backtest": 1}, "the series without an incumbent holds a contest of all"


def test_an_incumbent_that_no_longer_beats_the_guard_leaves_to_it() -> None:
    exact_week = np.tile(np.random.default_rng(0).normal(size=24), 6)
    history = frame(exact_week)
    fitted = fit_forecasts(history, SETTINGS, {history.labels[0]: "median"})
    assert fitted.models == ("seasonal-naive",)


def test_a_pinned_model_knows_no_incumbent() -> None:
    history = frame(noisy_day())
    settings = ForecastSettings(HOUR, 24, model="median")
    assert fit_forecasts(history, settings, {history.labels[0]: "ets"}).models == ("median",)
