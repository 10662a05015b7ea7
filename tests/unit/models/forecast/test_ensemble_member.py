from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.forecast import ensemble_member
from pronoia.models.forecast.ensemble.ensemble import fit_ensemble
from pronoia.models.forecast.ensemble.quantiles import MEDIAN
from pronoia.models.forecast.ensemble_member import EnsembleMember
from pronoia.models.forecast.settings import ForecastSettings

HOUR = 3_600_000
SETTINGS = ForecastSettings(HOUR, horizon_steps=24, refit_steps=2)


def noisy_day(n_steps: int = 240) -> np.ndarray:
    rng = np.random.default_rng(0)
    return 3.0 * np.sin(2.0 * np.pi * np.arange(n_steps) / 24) + rng.normal(0.0, 0.3, n_steps)


def test_the_curve_begins_at_the_last_value_and_goes_on_with_the_ensembles_median() -> None:
    values = noisy_day()
    curve = EnsembleMember(SETTINGS).fit(values, ()).predict(26)
    ensemble = fit_ensemble(values[None], step_seconds=3_600, horizon=26)
    assert curve[0] == values[-1]
    np.testing.assert_array_equal(curve[1:], ensemble.forecast(values[None])[0, MEDIAN])


def test_forward_moves_the_origin_and_keeps_what_was_learnt() -> None:
    values = noisy_day()
    fitted = EnsembleMember(SETTINGS).fit(values[:200], ())
    moved = fitted.forward(values)
    assert moved.ensemble is fitted.ensemble
    assert moved.predict(4)[0] == values[-1]
    np.testing.assert_array_equal(moved.predict(26)[1:], fitted.ensemble.forecast(values[None])[0, MEDIAN])


def test_a_shorter_curve_is_the_beginning_of_a_longer_one_and_beyond_the_fit_it_is_held() -> None:
    fitted = EnsembleMember(SETTINGS).fit(noisy_day(), ())
    whole, longer = fitted.predict(26), fitted.predict(30)
    np.testing.assert_array_equal(fitted.predict(5), whole[:6])
    np.testing.assert_array_equal(longer[:27], whole)
    np.testing.assert_array_equal(longer[27:], whole[-1])


def test_a_regression_without_a_solution_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(ensemble_member, "fit_ensemble", fail)
    with pytest.raises(ModelError, match="no solution"):
        EnsembleMember(SETTINGS).fit(noisy_day(), ())
