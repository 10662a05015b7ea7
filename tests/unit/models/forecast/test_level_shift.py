from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.models.forecast.level_follow import CONFIRMED_STEPS
from pronoia.models.forecast.level_shift import LevelScan, scan_level, usual_deviation

DAY = 288


def noise(n_values: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n_values)


def scan_step(size: float, n_after: int, seed: int = 0) -> LevelScan:
    values = noise(1500 + n_after, seed)
    values[1500:] += size
    return scan_level(values, 0, 1)


def test_a_series_at_its_level_has_not_departed() -> None:
    assert scan_level(noise(2000), 0, 1).state[1] == 0.0


@pytest.mark.parametrize("size", [-8.0, 8.0])
def test_a_step_is_a_departure_of_its_age_and_size(size: float) -> None:
    _, age, seen_size, *_ = scan_step(size, 20).state
    assert age == 20.0
    assert seen_size == pytest.approx(size, abs=1.0)


def test_a_departure_that_lasts_a_day_becomes_the_level() -> None:
    scan = scan_step(8.0, CONFIRMED_STEPS + 50)
    assert scan.state[1] == 0.0
    assert scan.state[0] == pytest.approx(8.0, abs=1.0)
    np.testing.assert_allclose(scan.shifts, [[1500.0, 8.0]], atol=1.0)


def test_a_pulse_is_counted_as_ended_at_its_age() -> None:
    values = noise(2000)
    values[1000:1005] += 10.0
    scan = scan_level(values, 0, 1)
    assert scan.state[1] == 0.0
    assert scan.counts[1, 2] == 1.0


def test_the_pattern_of_the_day_is_no_departure() -> None:
    values = 20.0 * np.sin(2.0 * np.pi * np.arange(7 * DAY) / DAY) + noise(7 * DAY)
    assert scan_level(values, DAY, 1).counts[0, 2:].sum() == 0.0


def test_a_shift_of_a_day_does_not_make_shifts_usual() -> None:
    values = noise(14 * DAY)
    before = usual_deviation(values)
    values[5 * DAY : 6 * DAY] += 50.0
    assert usual_deviation(values) == pytest.approx(before, rel=0.2)


def test_what_hardly_ever_changes_departs_when_it_does() -> None:
    values = np.zeros(2000)
    values[1000:1010] = 1.0
    values[-5:] = 3.0
    assert scan_level(values, 0, 1).state[1] == 5.0


@settings(max_examples=25)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3), size=st.sampled_from([0.0, -9.0, 9.0]))
def test_another_unit_changes_the_unit_only(shift: float, scale: float, size: float) -> None:
    values = noise(1000)
    values[-30:] += size
    own, other = scan_level(values, 0, 1), scan_level(shift + scale * values, 0, 1)
    np.testing.assert_allclose(other.state[[2, 4, 5]], scale * own.state[[2, 4, 5]], rtol=1e-6)
    assert other.state[1] == own.state[1]
    np.testing.assert_array_equal(other.counts, own.counts)


def test_what_grows_all_the_time_does_not_depart() -> None:
    values = 0.5 * np.arange(7.0 * DAY) + noise(7 * DAY)
    scan = scan_level(values, DAY, 10)
    assert scan.state[1] == 0.0
    assert not len(scan.shifts)
    assert scan.profile[-1] - scan.profile[0] == pytest.approx(5.0, abs=1.0)
