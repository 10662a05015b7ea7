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
from pronoia.series import AlignedFrame, Grid, LabelSet
from support.hard_series import HORIZON, N_STEPS, STEP_SECONDS, hard_series

if TYPE_CHECKING:
    from pronoia.predictions.forecast import Forecast

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
    "prophet": _MEANS,
    "theta": {*_MEANS, "saturating"},
    "seasonal-mean": {"stepping"},
    "network-prior": {"spiky"},
    "recent-level": {"intermittent", "spiky"},
    "long-mean": {"saturating", "spiky", "resetting"},
    "persistence": {"sawtooth"},
} | {name: set(HARD) for name in plugins.names()}


def needing_extras(names: list[str]) -> list[object]:
    """Names as parameters; those whose extra is missing are skipped."""
    marks = {name: missing_extra(name) for name in names}
    return [
        pytest.param(name, marks=pytest.mark.skipif(extra is not None, reason=f"extra {extra} is not installed"))
        for name, extra in marks.items()
    ]


def forecast(kind: str, model: str) -> Forecast:
    minimum = 0.0 if kind == "intermittent" else None
    settings = ForecastSettings(STEP_MS, HORIZON, refit_steps=2, model=model, minimum=minimum)
    grid = Grid.ending_at(1_700_000_000_000, STEP_MS, N_STEPS)
    history = AlignedFrame((LabelSet({"series": kind}),), grid, HARD[kind].values[None].copy())
    return fit_forecasts(history, settings).predict(history, HORIZON)


def check(kind: str, who: str, point: np.ndarray) -> None:
    """Fail unless a forecast is as expected of its kind, or inside the bounds where its maker is not meant for it."""
    if kind not in NOT_MEANT_FOR.get(who, ()):
        HARD[kind].check(point)
    low, high = HARD[kind].bounds
    assert low <= point.min()
    assert point.max() <= high


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("model", needing_extras([AUTO, *member_names()]))
def test_bounds_do_not_explode(kind: str, model: str) -> None:
    result = forecast(kind, model)
    low, high = HARD[kind].bounds
    reach = high - low
    assert low - 2.0 * reach <= result.lower.min()
    assert result.upper.max() <= high + 2.0 * reach


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("model", needing_extras([AUTO, *member_names()]))
def test_a_forecast_is_what_is_sensible_for_its_kind(kind: str, model: str) -> None:
    check(kind, model, forecast(kind, model).point)


@pytest.mark.parametrize("model", [AUTO, "ensemble", "median", "naive"])
def test_exact_zeros_stay_zero(model: str) -> None:
    result = forecast("intermittent", model)
    assert (result.point == 0.0).all()
    assert (result.lower == 0.0).all()


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("members", ENSEMBLES, ids=lambda members: "+".join(member.name for member in members))
def test_the_ensembles_members_do_what_is_sensible_alone_and_together(kind: str, members: tuple) -> None:
    values = HARD[kind].values[None]
    median = fit_ensemble(values, step_seconds=STEP_SECONDS, horizon=HORIZON, members=members).forecast(values)[
        0, MEDIAN
    ]
    if len(members) == 1 and np.isnan(median).all():
        return  # it says that it has nothing to say
    check(kind, members[0].name if len(members) == 1 else "ensemble", median)


@pytest.mark.parametrize("kind", HARD)
def test_a_forecast_of_an_array_is_sensible_as_well(kind: str) -> None:
    result = pronoia.forecast(HARD[kind].values[None], step_seconds=STEP_SECONDS, horizon=HORIZON)
    HARD[kind].check(result.point)
    assert np.isfinite(result.lower[95]).all()
    assert np.isfinite(result.upper[95]).all()
