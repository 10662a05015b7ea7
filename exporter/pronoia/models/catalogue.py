"""Names of the members, as configuration and metrics use them, and where each is made.

A member's library is imported when the member is first fitted, not when it is named. Members of other packages
(`pronoia.models.plugins`) are found by name only when no member of this package has that name.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem, PluginError
from pronoia.models import plugins

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
    "nhits": "pronoia.models.forecast.nhits:Nhits",
    "prophet": "pronoia.models.forecast.prophet_member:ProphetMember",
    "seasonal-mean": "pronoia.models.forecast.seasonal_mean:SeasonalMean",
    "seasonal-naive": "pronoia.models.forecast.seasonal_naive:SeasonalNaive",
    "theta": "pronoia.models.forecast.theta:Theta",
}

# Members whose library comes with an extra: the module that must be there, and the extra's name.
_EXTRAS = {"nhits": ("torch", "neural"), "prophet": ("prophet", "prophet")}

#: What `auto` compares, the cheap ones first; the guards are always added. MSTL costs nearly as much as the ensemble,
#: which knows its seasons as well, and Theta forecasts much as ETS does: they can be pinned.
CANDIDATES = ("seasonal-naive", "naive", "seasonal-mean", "median", "ets", "ensemble")


def member_names() -> tuple[str, ...]:
    """All members that can be pinned by name: those of this package, sorted, then those of others."""
    return (*_MEMBERS, *(name for name in plugins.names() if name not in _MEMBERS))


def missing_extra(name: str) -> str | None:
    """The extra that has to be installed before this member can be used; None if nothing is missing.

    >>> missing_extra("naive") is None
    True
    """
    module, extra = _EXTRAS.get(name, ("", ""))
    spec = find_spec(module) if module else None
    # A folder of that name has a specification as well, but no file that says where it came from.
    return extra if module and (spec is None or spec.origin is None) else None


def make_member(name: str, settings: ForecastSettings) -> PointForecaster:
    """The member of this name.

    Args:
        name: one of `member_names`.
        settings: of the query; members take their grid from it.

    Raises:
        ConfigError: if there is no member of this name (the message names the nearest), or it cannot be used.
        ModelError: if another package's member refuses these settings.

    >>> from pronoia.models.forecast.settings import ForecastSettings
    >>> make_member("naive", ForecastSettings(step_ms=300_000, horizon_steps=288))
    Naive()
    """
    check_model_name(name)
    if name not in _MEMBERS:
        return plugins.PluginMember.make(plugins.find(name), settings)
    module, _, attribute = _MEMBERS[name].partition(":")
    member: PointForecaster = getattr(import_module(module), attribute)(settings)
    return member


def check_model_name(name: str, path: str = "forecast.model") -> None:
    """Refuse names that are neither `auto` nor a member's, and members that cannot be used here.

    Raises:
        ConfigError: naming the path, the name and the nearest known one; or the extra, or the package, at fault.

    >>> check_model_name("seasonal_naive")
    Traceback (most recent call last):
    pronoia.errors.ConfigError: 1 problem
      forecast.model: unknown model 'seasonal_naive', did you mean 'seasonal-naive'?
    """
    if name == AUTO:
        return
    if name in _MEMBERS:
        if (extra := missing_extra(name)) is not None:
            problem = f"model {name!r} needs the extra {extra!r}: pip install 'pronoia[{extra}]'"
            raise ConfigError([ConfigProblem(path, problem)])
        return
    if name in plugins.names():
        try:
            plugins.find(name)
        except PluginError as error:
            raise ConfigError([ConfigProblem(path, str(error))]) from error
        return
    known = [AUTO, *member_names()]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    raise ConfigError([ConfigProblem(path, f"unknown model {name!r}, {hint}")])
