from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.calendar.event_effect import N_POINTS, EventEffect, event_effect, profile_weights

N_STEPS, DURATION, WIDTH = 2000, 16, 16


def learnt(sizes: list[float], *, noise: float = 0.2, duration: int = DURATION, seed: int = 0) -> EventEffect:
    """The effect of events of these sizes, which fade."""
    flat = noise * np.random.default_rng(seed).normal(size=N_STEPS)
    eventful = np.zeros(N_STEPS, dtype=bool)
    starts = [150 + 300 * i for i in range(len(sizes))]
    for start, size in zip(starts, sizes, strict=True):
        flat[start : start + duration] += size * np.linspace(1.0, 0.0, duration)
        eventful[start : start + duration] = True
    return event_effect(flat, eventful, starts, duration, WIDTH)


def test_two_occurrences_that_agree_are_believed() -> None:
    found = learnt([5.0, 5.0])
    np.testing.assert_allclose(found.profile, 5.0 * (1.0 - (np.arange(N_POINTS) + 0.5) / N_POINTS), atol=0.5)


@pytest.mark.parametrize("sizes", [[], [50.0], [5.0, -5.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0]])
def test_what_was_seen_once_or_does_not_repeat_is_not_believed(sizes: list[float]) -> None:
    assert not learnt(sizes).is_used


def test_one_occurrence_that_went_wrong_does_not_spoil_the_others() -> None:
    assert learnt([5.0, 5.0, 5.0, 5.0, 20.0]).profile[0] == pytest.approx(4.7, abs=0.7)


def test_an_effect_as_large_as_chance_is_shrunk() -> None:
    assert 0.0 <= learnt([0.4] * 4, noise=0.5).profile[0] < 0.4


def test_the_less_occurrences_agree_the_wider_is_the_spread() -> None:
    assert learnt([4.0, 6.0, 5.0]).spread.mean() > 2.0 * learnt([5.0, 5.0, 5.0]).spread.mean()


def test_an_event_of_one_step_has_one_size() -> None:
    found = learnt([5.0, 5.0, 5.0], duration=1)
    np.testing.assert_allclose(found.profile, found.profile[0])
    assert found.profile[0] == pytest.approx(5.0, abs=0.5)


def test_weights_sum_to_one_inside_the_event_and_to_zero_outside() -> None:
    weights = profile_weights(np.array([-0.1, 0.0, 0.3, 0.999, 1.0, 7.0]))
    np.testing.assert_allclose(weights.sum(axis=0), [0.0, 1.0, 1.0, 1.0, 0.0, 0.0])
