"""Public holidays by country and subdivision, from the `holidays` package (extra `calendar`), imported when used."""

from __future__ import annotations

import difflib
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

# The package tells the weekend of today's law, whatever the year.
_ANY_YEAR = 2026
_EPOCH = date(1970, 1, 1).toordinal()
#: What to do where the package is missing.
NEEDS_PACKAGE = "needs the package holidays: pip install 'pronoia[calendar]'"


def has_package() -> bool:
    """Whether the `holidays` package is installed."""
    return find_spec("holidays") is not None


def check_region(region: str, path: str = "forecast.holidays") -> None:
    """Refuse regions whose holidays are not known.

    Raises:
        ConfigError: naming the path, the region and the nearest known one, or the package that is missing.
    """
    if not has_package():
        raise ConfigError([ConfigProblem(path, NEEDS_PACKAGE)])
    import holidays

    country, _, subdivision = region.partition("-")
    known: dict[str, list[str]] = holidays.list_supported_countries()
    if country not in known:
        hint = _nearest(country.upper(), known) or "a country is two capital letters, such as DE or US"
        raise ConfigError([ConfigProblem(path, f"the holidays of country {country!r} are not known; {hint}")])
    if subdivision and subdivision not in known[country]:
        of_country = ", ".join(known[country])
        hint = _nearest(subdivision.upper(), known[country], f"{country}-") or (
            f"known are {of_country}" if of_country else "none of its parts has holidays of its own"
        )
        raise ConfigError([ConfigProblem(path, f"{country} has no part {subdivision!r} with holidays; {hint}")])


def holiday_days(regions: Sequence[str], first_day: int, last_day: int) -> frozenset[int]:
    """The days between two days that are a public holiday in any of the regions.

    Args:
        regions: such as `DE` or `US-CA`.
        first_day: days since 1970-01-01.
        last_day: likewise, included.

    Raises:
        ConfigError: if the package is missing or a region is not known.
    """
    years = range(_year(first_day), _year(last_day) + 1)
    days = {day for region in regions for year in years for day in _of_year(region, year)}
    return frozenset(day for day in days if first_day <= day <= last_day)


def rest_weekdays(regions: Sequence[str]) -> frozenset[int]:
    """The weekend of the first region, as weekdays from Monday, 0, to Sunday, 6."""
    return _weekend(regions[0])


@lru_cache(maxsize=256)
def _weekend(region: str) -> frozenset[int]:
    return frozenset(_calendar_of(region, _ANY_YEAR).weekend) or frozenset({5, 6})


@lru_cache(maxsize=256)
def _of_year(region: str, year: int) -> frozenset[int]:
    return frozenset(day.toordinal() - _EPOCH for day in _calendar_of(region, year))


def _calendar_of(region: str, year: int) -> Any:
    check_region(region)
    import holidays

    country, _, subdivision = region.partition("-")
    return holidays.country_holidays(country, subdiv=subdivision or None, years=year)


def _year(day: int) -> int:
    return datetime.fromtimestamp(day * 86_400, tz=UTC).year


def _nearest(word: str, known: Sequence[str] | dict[str, list[str]], prefix: str = "") -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6) or [entry for entry in known if entry == word]
    return f"did you mean {prefix + near[0]!r}?" if near else ""
