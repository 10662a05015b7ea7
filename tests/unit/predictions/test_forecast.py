"""A forecast cannot be made wrong, and is read between its grid points."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.series import Grid, LabelSet

A = LabelSet({"instance": "a"})


def forecast(point: list[float], width: float = 1.0) -> Forecast:
    centre = np.array([point])
    return Forecast((A,), Grid(1000, 100, len(point)), centre, centre - width, centre + width, 0.95, ("naive",))


def test_bounds_must_contain_the_point() -> None:
    with pytest.raises(ValueError, match="lower <= point <= upper"):
        forecast([1.0, 2.0], width=-1.0)


def test_values_must_be_finite() -> None:
    with pytest.raises(ValueError, match="not finite"):
        forecast([1.0, np.nan])


def test_between_grid_points_it_is_linear() -> None:
    between = forecast([0.0, 10.0, 20.0]).at([1050, 1150])
    np.testing.assert_allclose(between.point, [[5.0, 15.0]])
    np.testing.assert_allclose(between.upper, [[6.0, 16.0]])


def test_at_the_grid_points_it_is_itself() -> None:
    it = forecast([3.0, 1.0, 2.0])
    np.testing.assert_array_equal(it.at(it.grid.timestamps_ms).point, it.point)


def test_it_does_not_claim_to_cover_what_lies_beyond_its_grid() -> None:
    it = forecast([1.0, 2.0])
    assert it.covers(1000)
    assert it.covers(1100)
    assert not it.covers(1101)
    assert not it.covers(999)


def test_it_may_be_shown_until_its_age_and_not_at_all_from_far_in_the_future() -> None:
    it = QueryForecast("q", "q", "", 1000.0, forecast([1.0]), np.ones(1), (900,), 60.0)
    assert it.is_current(1060.0)
    assert not it.is_current(1060.1)
    assert it.is_current(999.9), "clocks are adjusted by a little all the time"
    assert not it.is_current(900.0)
