"""Eight kinds of hard series, each with its expectation, for every member by being there, the ensemble and `auto`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import pronoia
from pronoia.models import plugins
from pronoia.models.catalogue import AUTO, member_names, missing_extra
from pronoia.models.forecast.ensemble.ensemble import fit_ensemble
from pronoia.models.forecast.ensemble.quantiles import MEDIAN
from pronoia.models.forecast.ensemble.registry import MEMBERS
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.predictions.forecast import Forecast
from pronoia.series import AlignedFrame, Grid, LabelSet
from support.hard_series import HORIZON, N_STEPS, STEP_SECONDS, hard_series

if TYPE_CHECKING:
    from pronoia.sdk.forecast import ArrayForecast

HARD = hard_series()
STEP_MS = STEP_SECONDS * 1_000
ENSEMBLES = [*((member,) for member in MEMBERS), MEMBERS]
# Kinds for which these alone are not meant: they forecast a mean or a drift, a whole season's shape, or the last value.
# What they must do there is not explode. Another package's member need not know any kind.
_MEANS = {"spiky", "stepping"}
NOT_MEANT_FOR = {
    "autoarima": _MEANS,
    "ets": _MEANS,
    "mstl": _MEANS,
    "nhits": _MEANS,
    "prophet": {*_MEANS, "resetting"},
    "theta": {*_MEANS, "saturating"},
    "seasonal-mean": {"stepping"},
    "network-prior": {"spiky"},
    "recent-level": {"intermittent", "spiky"},
    "long-mean": {"saturating", "spiky", "resetting"},
    "persistence": {"sawtooth"},
} | {name: set(HARD) for name in plugins.names()}


def check(kind: str, who: str, point: np.ndarray) -> None:
    """Fail unless a forecast is as expected of its kind, or inside the bounds where its maker is not meant for it."""
    if kind not in NOT_MEANT_FOR.get(who, ()):
        HARD[kind].check(point)
    low, high = HARD[kind].bounds
    assert low <= point.min()
    assert point.max() <= high


def forecast(model: str, kinds: list[str], minimum: float | None = None) -> Forecast:
    settings = ForecastSettings(STEP_MS, HORIZON, refit_steps=2, model=model, minimum=minimum)
    labels = tuple(LabelSet({"series": kind}) for kind in kinds)
    grid = Grid.ending_at(1_700_000_000_000, STEP_MS, N_STEPS)
    history = AlignedFrame(labels, grid, np.array([HARD[kind].values for kind in kinds]))
    return fit_forecasts(history, settings).predict(history, HORIZON)


@pytest.fixture(scope="module", params=[AUTO, *member_names()])
def spoken(request: pytest.FixtureRequest) -> tuple[str, Forecast]:
    """A model, and what it forecasts of all kinds; the mostly silent series is known not to be negative."""
    if (extra := missing_extra(request.param)) is not None:
        pytest.skip(f"extra {extra} is not installed")
    whole = forecast(request.param, list(HARD))
    silent = forecast(request.param, ["intermittent"], minimum=0.0)
    row = list(HARD).index("intermittent")
    point, lower, upper = (array.copy() for array in (whole.point, whole.lower, whole.upper))
    point[row], lower[row], upper[row] = silent.point[0], silent.lower[0], silent.upper[0]
    return request.param, Forecast(whole.labels, whole.grid, point, lower, upper, whole.level, whole.models)


@pytest.mark.parametrize("kind", HARD)
def test_a_forecast_is_what_is_sensible_for_its_kind_and_its_bounds_do_not_explode(
    kind: str, spoken: tuple[str, Forecast]
) -> None:
    model, result = spoken
    row = list(HARD).index(kind)
    check(kind, model, result.point[row])
    low, high = HARD[kind].bounds
    reach = high - low
    assert low - 2.0 * reach <= result.lower[row].min()
    assert result.upper[row].max() <= high + 2.0 * reach


def test_exact_zeros_stay_zero(spoken: tuple[str, Forecast]) -> None:
    model, result = spoken
    row = list(HARD).index("intermittent")
    assert (result.lower[row] == 0.0).all()
    if model in {AUTO, "ensemble", "median", "naive"}:
        assert (result.point[row] == 0.0).all()


@pytest.fixture(scope="module", params=ENSEMBLES, ids=lambda members: "+".join(member.name for member in members))
def medians(request: pytest.FixtureRequest) -> tuple[str, np.ndarray]:
    """A member of the ensemble, or the ensemble, and its medians of all kinds."""
    values = np.array([each.values for each in HARD.values()])
    fitted = fit_ensemble(values, step_seconds=STEP_SECONDS, horizon=HORIZON, members=request.param)
    name = request.param[0].name if len(request.param) == 1 else "ensemble"
    return name, fitted.forecast(values)[:, MEDIAN]


@pytest.mark.parametrize("kind", HARD)
def test_the_ensembles_members_do_what_is_sensible_alone_and_together(
    kind: str, medians: tuple[str, np.ndarray]
) -> None:
    name, forecasts = medians
    median = forecasts[list(HARD).index(kind)]
    if name != "ensemble" and np.isnan(median).all():
        return  # it says that it has nothing to say
    check(kind, name, median)


@pytest.fixture(scope="module")
def of_arrays() -> ArrayForecast:
    """What `pronoia.forecast` makes of all kinds."""
    values = np.array([each.values for each in HARD.values()])
    return pronoia.forecast(values, step_seconds=STEP_SECONDS, horizon=HORIZON)


@pytest.mark.parametrize("kind", HARD)
def test_a_forecast_of_an_array_is_sensible_as_well(kind: str, of_arrays: ArrayForecast) -> None:
    row = list(HARD).index(kind)
    HARD[kind].check(of_arrays.point[row])
    assert np.isfinite(of_arrays.lower[95][row]).all()
    assert np.isfinite(of_arrays.upper[95][row]).all()
