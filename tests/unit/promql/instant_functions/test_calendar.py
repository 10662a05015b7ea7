"""Expected values are a real Prometheus' answers."""

from datetime import UTC, datetime

import numpy as np
import pytest

from pronoia.promql.instant_functions.calendar import CALENDAR, days_in_month

NAN, INF = float("nan"), float("inf")
PARTS = ["year", "month", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute"]


def parts(seconds: float) -> list[float]:
    return [CALENDAR[part](np.array([[seconds]])).item() for part in PARTS]


def test_the_names_are_promqls():
    assert sorted(CALENDAR) == sorted(PARTS)


@pytest.mark.parametrize(
    "time",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 12, 31, 12, 0, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1900, 3, 1, 0, 30, tzinfo=UTC),
    ],
)
def test_dates_that_python_knows_as_well(time: datetime):
    year, month, day, *_ = time.timetuple()
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    length = (following - datetime(year, month, 1, tzinfo=UTC)).days
    expected = [year, month, day, time.isoweekday() % 7, time.timetuple().tm_yday, length, time.hour, time.minute]
    assert parts(time.timestamp()) == expected


@pytest.mark.parametrize(("year", "days"), [(1900, 28), (2000, 29), (2023, 28), (2024, 29)])
def test_the_length_of_february(year: int, days: int):
    assert days_in_month(np.array([datetime(year, 2, 10, tzinfo=UTC).timestamp()])) == days


def test_fractions_of_a_second_are_cut_off_also_before_1970():
    assert parts(-0.5)[-2:] == [0.0, 0.0]
    assert parts(-1.5)[-2:] == [23.0, 59.0]


def test_times_far_away():
    assert parts(9.2e18) == [291536396232.0, 8.0, 31.0, 5.0, 244.0, 31.0, 11.0, 33.0]
    assert parts(-1e18)[:5] == [-31688736537.0, 3.0, 10.0, 2.0, 69.0]


@pytest.mark.parametrize("value", [NAN, INF, -INF, 1e20, -1e20])
def test_what_is_no_64_bit_integer_is_one_fixed_time(value: float):
    assert parts(value) == [292277026596.0, 12.0, 4.0, 0.0, 339.0, 31.0, 15.0, 30.0]
