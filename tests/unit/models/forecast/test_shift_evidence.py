from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.rolling import choose_origins
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.models.forecast.shift_evidence import is_trusted
from pronoia.series import AlignedFrame, Grid, LabelSet

if TYPE_CHECKING:
    from pronoia.models.forecast.fitted import FittedForecasts

STEP = 300_000
DAY = 288
N_STEPS = 7 * DAY


def fitted_to(values: np.ndarray) -> FittedForecasts:
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(values)))
    frame = AlignedFrame(labels, Grid.ending_at(20_000 * STEP, STEP, values.shape[1]), values)
    return fit_forecasts(frame, ForecastSettings(STEP, DAY, refit_steps=12, model="median"))


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1, N_STEPS))


def test_a_series_that_never_departed_gives_no_evidence() -> None:
    np.testing.assert_array_equal(fitted_to(noise()).shift_losses, np.zeros((1, 2)))


def test_a_step_that_stayed_does_not_speak_against_the_response() -> None:
    values = noise()
    values[:, 5 * DAY :] += 12.0
    losses = fitted_to(values).shift_losses
    assert (losses > 0.0).all()
    assert is_trusted(losses)[0]


def test_excursions_that_end_speak_against_it() -> None:
    values = noise()
    for origin in choose_origins(N_STEPS)[::7].tolist():
        values[:, origin - 12 : origin + 10] += 12.0
    fitted = fitted_to(values)
    without, with_it = fitted.shift_losses[0]
    assert with_it > 1.1 * without > 0.0
    assert not is_trusted(fitted.shift_losses)[0]


def test_without_any_evidence_the_response_is_used() -> None:
    assert is_trusted(np.zeros((3, 2))).all()


def test_a_series_without_evidence_does_as_the_query_does() -> None:
    assert is_trusted(np.array([[1.0, 0.5], [0.0, 0.0]])).all()
    assert not is_trusted(np.array([[1.0, 1.5], [0.0, 0.0]])).any()


def test_its_own_evidence_outweighs_that_of_the_query() -> None:
    assert is_trusted(np.array([[9.0, 6.0], [1.0, 1.5], [1.0, 1.5]])).tolist()[0]


def test_a_loss_that_is_hardly_larger_is_no_evidence_against_it() -> None:
    assert is_trusted(np.array([[1.0, 1.01]])).all()


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_evidence_has_no_unit(scale: float) -> None:
    values = noise()
    values[:, 5 * DAY :] += 12.0
    np.testing.assert_allclose(fitted_to(5.0 + scale * values).shift_losses, fitted_to(values).shift_losses, rtol=1e-6)
