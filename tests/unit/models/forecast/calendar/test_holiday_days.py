from __future__ import annotations

import sys

import pytest

from pronoia.errors import ConfigError
from pronoia.models.forecast.calendar.holiday_days import check_region, has_package, holiday_days, rest_weekdays
from support.calendar_series import SPRING_2026, day_number

needs_package = pytest.mark.skipif(not has_package(), reason="the package holidays is not installed")


@needs_package
def test_holidays_are_those_of_a_country_within_the_days_asked_for() -> None:
    spring = holiday_days(["DE"], day_number("2026-04-01"), day_number("2026-05-31"))
    assert spring >= {day_number(day) for day in SPRING_2026}
    assert len(spring) <= len(SPRING_2026) + 2
    assert holiday_days(["DE"], day_number("2025-12-20"), day_number("2026-01-02")) == {
        day_number(day) for day in ("2025-12-25", "2025-12-26", "2026-01-01")
    }


@needs_package
def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    corpus_christi = day_number("2026-06-04")
    assert corpus_christi not in holiday_days(["DE"], corpus_christi, corpus_christi)
    assert corpus_christi in holiday_days(["US", "DE-BY"], corpus_christi, corpus_christi)


@needs_package
def test_the_weekend_is_that_of_the_country() -> None:
    assert rest_weekdays(["DE"]) == {5, 6}
    assert rest_weekdays(["EG"]) == {4, 5}


@needs_package
@pytest.mark.parametrize(
    ("region", "problem"),
    [
        ("de", "did you mean 'DE'"),
        ("QQ", "the holidays of country 'QQ' are not known"),
        ("DE-by", "did you mean 'DE-BY'"),
        ("DE-XX", "known are BB, BE"),
    ],
)
def test_an_unknown_region_is_refused_with_the_nearest(region: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        check_region(region)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ConfigError, match=r"pip install 'pronoia\[calendar\]'"):
        check_region("DE")
