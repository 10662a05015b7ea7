from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.config.step import auto_step_seconds, even_step_seconds

DAY = 86_400


@pytest.mark.parametrize(
    ("horizon", "shortest", "step"),
    [
        (DAY, 900, 300),
        (3600, 900, 60),
        (4 * 3600, 900, 60),
        (12 * 3600, 900, 120),
        (2 * DAY, 900, 600),
        (7 * DAY, 3600, 1800),
        (7 * DAY, 900, 900),
        (30 * DAY, DAY, 7200),
        (365 * DAY, DAY, DAY),
        (25 * 3600, 900, 300),
        (97 * 60, 900, 60),
    ],
)
def test_the_step_suits_the_horizon(horizon: int, shortest: int, step: int) -> None:
    assert auto_step_seconds(horizon, shortest) == step


@given(st.integers(1, 500_000), st.data())
def test_the_step_divides_a_day_and_the_horizon_and_is_never_finer_than_a_minute(
    minutes: int, data: st.DataObject
) -> None:
    horizon = 60 * minutes
    shortest = data.draw(st.integers(60, horizon))
    step = auto_step_seconds(horizon, shortest)
    assert step >= 60
    assert step <= shortest
    assert DAY % step == 0
    assert horizon % step == 0
    assert step == 60 or horizon // step >= 288


@pytest.mark.parametrize(("horizon", "shortest"), [(90, 90), (120, 30)])
def test_horizons_that_no_minute_fits_need_a_step_of_their_own(horizon: int, shortest: int) -> None:
    with pytest.raises(ValueError, match="give a step instead"):
        auto_step_seconds(horizon, shortest)


@given(st.integers(1, 10**6))
def test_even_steps_divide_a_day(step: int) -> None:
    even = even_step_seconds(step)
    assert even <= step
    assert DAY % even == 0
