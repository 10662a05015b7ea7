from __future__ import annotations

import numpy as np

from pronoia.models.forecast.level_follow import STATE_SIZE, at_a_level, follow, follow_each, unsteadiness


def at_zero() -> np.ndarray:
    """At a level of zero, with a usual deviation of one."""
    state = np.zeros(STATE_SIZE)
    state[4] = 1.0
    return state


def followed(departure: np.ndarray) -> np.ndarray:
    state = at_zero()
    follow(departure, state)
    return state


def test_a_step_leads_to_a_level_and_a_burst_does_not() -> None:
    rng = np.random.default_rng(1)
    step, burst = followed(8.0 + rng.normal(size=30)), followed(8.0 + rng.exponential(20.0, 30))
    assert at_a_level(step)
    assert unsteadiness(step) < 0.15
    assert unsteadiness(burst) > 0.3


def test_one_value_says_little_of_how_steady_a_departure_is() -> None:
    assert unsteadiness(followed(np.array([8.0]))) == 0.2
    assert unsteadiness(followed(np.full(20, 8.0))) < 0.02


def test_a_series_at_its_level_has_not_departed() -> None:
    assert not at_a_level(followed(np.array([1.0, -2.0, 0.5])))


def test_each_series_is_followed_from_its_own_fit_on() -> None:
    recent = np.array([[8.0, 8.0, 8.0, 8.0], [8.0, 8.0, 8.0, 8.0]])
    states = np.stack([at_zero(), at_zero()])
    follow_each(recent, np.zeros((2, 5)), np.array([3.0, 1.0]), states)
    assert states[:, 1].tolist() == [3.0, 1.0]


def test_what_the_pattern_brings_is_no_departure() -> None:
    pattern = np.array([[0.0, 9.0, 9.0, 0.0]])
    states = at_zero()[None]
    here = follow_each(np.array([[0.0, 9.0, 9.0]]), pattern, np.array([2.0]), states)
    assert states[0, 1] == 0.0
    assert here.tolist() == [9.0]


def test_a_series_without_a_usual_deviation_is_not_followed() -> None:
    states = np.zeros((1, STATE_SIZE))
    follow_each(np.array([[8.0, 8.0]]), np.zeros((1, 3)), np.array([2.0]), states)
    np.testing.assert_array_equal(states, np.zeros((1, STATE_SIZE)))
