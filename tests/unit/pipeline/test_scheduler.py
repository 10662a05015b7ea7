"""The scheduler runs what is due, publishes once a round, and lets no cycle hold up another."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pronoia.pipeline.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class FakeCycle:
    name: str
    work: Callable[[], None] = lambda: None
    due_at_seconds: float = 0.0
    runs: list[float] = field(default_factory=list)

    def run(self, now_seconds: float) -> None:
        self.runs.append(now_seconds)
        self.due_at_seconds = now_seconds + 60.0
        self.work()


@dataclass
class Bench:
    cycles: list[FakeCycle]
    now: float = 1000.0
    published: list[float] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def scheduler(self, **options: float) -> Scheduler:
        return Scheduler(
            lambda: self.cycles,
            self.published.append,
            on_skip=self.skipped.append,
            on_tick=lambda _: None,
            clock=lambda: self.now,
            **options,  # type: ignore[arg-type]
        )


def test_due_cycles_run_and_are_published_once() -> None:
    bench = Bench([FakeCycle("a"), FakeCycle("b"), FakeCycle("later", due_at_seconds=2000.0)])
    bench.scheduler().round()
    assert [len(c.runs) for c in bench.cycles] == [1, 1, 0]
    assert bench.published == [1000.0]


def test_a_round_with_nothing_due_publishes_nothing() -> None:
    bench = Bench([FakeCycle("later", due_at_seconds=2000.0)])
    bench.scheduler().round()
    assert bench.published == []


def test_a_cycle_that_hangs_delays_only_itself_and_is_skipped_once() -> None:
    release = threading.Event()
    slow, quick = FakeCycle("slow", work=lambda: release.wait(10) and None), FakeCycle("quick")
    bench = Bench([slow, quick])
    scheduler = bench.scheduler(publish_within_seconds=1.0)
    try:
        for _ in range(3):
            scheduler.round()
            bench.now += 61
    finally:
        release.set()
    assert len(slow.runs) == 1
    assert len(quick.runs) == 3
    assert bench.skipped == ["slow"]
    assert len(bench.published) == 3


def test_it_starts_at_once_and_stops_when_told() -> None:
    bench = Bench([FakeCycle("a")])
    scheduler = bench.scheduler()
    scheduler.start()
    deadline = time.monotonic() + 5
    while not bench.published and time.monotonic() < deadline:
        time.sleep(0.01)
    scheduler.stop()
    assert bench.published == [1000.0]


def test_what_ends_late_is_published_when_it_ends() -> None:
    release = threading.Event()
    bench = Bench([FakeCycle("slow", work=lambda: release.wait(10) and None)])
    scheduler = bench.scheduler(publish_within_seconds=0.05)
    scheduler.start()
    try:
        assert not eventually(lambda: bool(bench.published), within_seconds=0.3)
        release.set()
        assert eventually(lambda: bool(bench.published))
    finally:
        release.set()
        scheduler.stop()
    assert len(bench.cycles[0].runs) == 1


def test_a_round_that_waits_for_a_thread_is_not_skipped_and_reads_up_to_its_real_start() -> None:
    release = threading.Event()
    bench = Bench([FakeCycle("slow", work=lambda: release.wait(10) and None), FakeCycle("waiting")])
    scheduler = bench.scheduler(publish_within_seconds=0.05, threads=1)
    scheduler.round()
    assert eventually(lambda: bool(bench.cycles[0].runs))
    bench.now += 61
    scheduler.round()
    assert bench.skipped == ["slow"]
    release.set()
    assert eventually(lambda: bench.cycles[1].runs == [1061.0])


def test_everything_runs_when_the_clock_is_set_back() -> None:
    bench = Bench([FakeCycle("a")])
    scheduler = bench.scheduler()
    scheduler.round()
    bench.now -= 3600
    scheduler.round()
    scheduler.round()
    assert bench.cycles[0].runs == [1000.0, -2600.0]


def test_names_of_queries_that_are_gone_do_not_pile_up() -> None:
    bench = Bench([])
    scheduler = bench.scheduler()
    for number in range(20):
        bench.cycles[:] = [FakeCycle(f"query {number}")]
        scheduler.round()
    assert list(scheduler._running) == ["query 19"]


def eventually(holds: Callable[[], bool], within_seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + within_seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()
