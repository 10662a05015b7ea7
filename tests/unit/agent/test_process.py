from __future__ import annotations

from pronoia.agent.process import CpuCores


def test_cores_are_the_average_since_the_last_scrape() -> None:
    seconds, used = 100.0, 5.0
    cores = CpuCores(lambda: seconds, lambda: used)
    seconds, used = 110.0, 8.0
    assert cores() == 0.3
    seconds, used = 120.0, 28.0
    assert cores() == 2.0


def test_a_second_scrape_at_once_sees_the_same() -> None:
    seconds, used = 100.0, 5.0
    cores = CpuCores(lambda: seconds, lambda: used)
    seconds, used = 110.0, 8.0
    assert cores() == 0.3
    seconds, used = 110.2, 8.2
    assert cores() == 0.3
