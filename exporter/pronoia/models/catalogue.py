"""Names of the members, as configuration and metrics use them, and where each is made.

A member's library is imported when the member is first fitted, not when it is named.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from pronoia.models.contract import PointForecaster
    from pronoia.models.forecast.settings import ForecastSettings

#: Choose per series among `CANDIDATES` by backtest.
AUTO = "auto"

_MEMBERS = {
    "autoarima": "pronoia.models.forecast.autoarima:AutoArima",
    "ensemble": "pronoia.models.forecast.ensemble_member:EnsembleMember",
    "ets": "pronoia.models.forecast.ets:Ets",
    "median": "pronoia.models.forecast.median:Median",
    "mstl": "pronoia.models.forecast.mstl:Mstl",
    "naive": "pronoia.models.forecast.naive:Naive",
    "seasonal-mean": "pronoia.models.forecast.seasonal_mean:SeasonalMean",
    "seasonal-naive": "pronoia.models.forecast.seasonal_naive:SeasonalNaive",
    "theta": "pronoia.models.forecast.theta:Theta",
}

#: What `auto` compares, the cheap ones first; the guards are always added. MSTL costs nearly as much as the ensemble,
#: which knows its seasons as well, and Theta forecasts much as ETS does: they can be pinned.
CANDIDATES = ("seasonal-naive", "naive", "seasonal-mean", "median", "ets", "ensemble")


def member_names() -> tuple[str, ...]:
    """All members that can be pinned by name, sorted."""
    return tuple(_MEMBERS)


def make_member(name: str, settings: ForecastSettings) -> PointForecaster:
    """The member of this name.

    Args:
        name: one of `member_names`.
        settings: of the query; members take their grid from it.

    Raises:
        ConfigError: if there is no member of this name; the message names the nearest.

    >>> from pronoia.models.forecast.settings import ForecastSettings
    >>> make_member("naive", ForecastSettings(step_ms=300_000, horizon_steps=288))
    Naive()
    """
    check_model_name(name)
    module, _, attribute = _MEMBERS[name].partition(":")
    member: PointForecaster = getattr(import_module(module), attribute)(settings)
    return member


def check_model_name(name: str, path: str = "forecast.model") -> None:
    """Refuse names that are neither `auto` nor a member's.

    Raises:
        ConfigError: naming the path, the name and the nearest known one.

    >>> check_model_name("seasonal_naive")
    Traceback (most recent call last):
    pronoia.errors.ConfigError: 1 problem
      forecast.model: unknown model 'seasonal_naive', did you mean 'seasonal-naive'?
    """
    if name in _MEMBERS or name == AUTO:
        return
    near = difflib.get_close_matches(name, [AUTO, *_MEMBERS], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join([AUTO, *_MEMBERS])}"
    raise ConfigError([ConfigProblem(path, f"unknown model {name!r}, {hint}")])
