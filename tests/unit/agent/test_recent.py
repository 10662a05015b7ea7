from __future__ import annotations

import math

from pronoia.agent.recent import RecentOutcomes


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_what_ended_five_minutes_ago_is_forgotten() -> None:
    clock = Clock()
    outcomes = RecentOutcomes(clock)
    outcomes.add(succeeded=False)
    clock.seconds += 200
    outcomes.add(succeeded=True)
    assert outcomes.success_ratio() == 0.5
    clock.seconds += 100
    assert outcomes.success_ratio() == 1
    clock.seconds += 200
    assert math.isnan(outcomes.success_ratio())


def test_its_size_does_not_depend_on_the_number_of_tasks() -> None:
    clock = Clock()
    outcomes = RecentOutcomes(clock)
    for number in range(10_000):
        clock.seconds += 0.1
        outcomes.add(succeeded=number % 2 == 0)
    assert len(outcomes._slots) <= 31
    assert outcomes.success_ratio() == 0.5
