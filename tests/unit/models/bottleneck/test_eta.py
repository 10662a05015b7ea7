from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.bottleneck.eta import Eta, time_to_overload
from pronoia.models.bottleneck.severity import severity

ENDS = np.array([900.0, 1800.0, 3600.0, 14_400.0])
NOTHING = Eta(*(np.array([np.nan]) for _ in range(3)))
NOT_YET = np.array([False])


def of(*within: float, crossing: Eta = NOTHING, is_high: bool = False) -> tuple[float, float, float]:
    eta = time_to_overload(np.array([within]), ENDS, crossing, np.array([is_high]))
    return float(eta.point[0]), float(eta.lower[0]), float(eta.upper[0])


def crosses(seconds: float) -> Eta:
    return Eta(np.array([seconds]), np.array([seconds / 2]), np.array([seconds * 2]))


def test_what_is_not_likely_has_no_time() -> None:
    assert np.isnan(of(0.1, 0.2, 0.3, 0.4)).all()


def test_the_time_is_where_the_probability_passes_one_half() -> None:
    point, lower, upper = of(0.25, 0.75, 0.9, 1.0)
    assert point == pytest.approx(1350.0)
    assert lower == pytest.approx(90.0)
    assert upper == pytest.approx(11_700.0)


def test_without_certainty_the_latest_time_is_never() -> None:
    assert of(0.1, 0.6, 0.7, 0.9)[2] == np.inf


def test_the_forecast_tells_where_inside_the_window() -> None:
    assert of(0.25, 0.75, 0.9, 1.0, crossing=crosses(1000.0))[0] == 1000.0


def test_a_forecast_that_crosses_sooner_than_the_classifiers_expect_is_not_believed() -> None:
    assert of(0.25, 0.75, 0.9, 1.0, crossing=crosses(100.0))[0] == pytest.approx(1350.0)
    assert np.isnan(of(0.0, 0.1, 0.2, 0.3, crossing=crosses(100.0))).all()


def test_beyond_the_last_window_the_forecast_speaks_alone() -> None:
    assert of(0.0, 0.0, 0.1, 0.2, crossing=crosses(20_000.0)) == (20_000.0, 10_000.0, 40_000.0)


def test_an_overload_that_lasts_has_the_time_zero() -> None:
    assert of(0.9, 0.9, 0.9, 0.9, is_high=True) == (0.0, 0.0, 0.0)
    assert of(0.1, 0.1, 0.1, 0.1, is_high=True) == (0.0, 0.0, 0.0)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4),
    st.one_of(st.none(), st.floats(0.0, 90_000.0)),
    st.booleans(),
)
def test_bounds_hold_the_time(hazards: list[float], crossing: float | None, is_high: bool) -> None:
    within = 1.0 - np.cumprod(1.0 - np.array(hazards))
    point, lower, upper = of(*within, crossing=NOTHING if crossing is None else crosses(crossing), is_high=is_high)
    assert np.isnan([point, lower, upper]).all() or 0.0 <= lower <= point <= upper


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 20_000.0), st.floats(0.0, 2.0))
def test_severity_grows_with_the_probability_and_falls_with_the_time(
    one: float, other: float, seconds: float, peak: float
) -> None:
    likelier, less = max(one, other), min(one, other)

    def of_probability(probability: float, eta: float) -> int:
        return int(severity(np.array([probability]), np.array([eta]), 14_400.0, np.array([peak]), 0.9)[0])

    assert 1 <= of_probability(less, seconds) <= of_probability(likelier, seconds) <= 10
    assert of_probability(likelier, seconds) >= of_probability(likelier, seconds + 600.0)
    assert of_probability(likelier, seconds) >= of_probability(likelier, np.nan)
