"""What decides when: runs the cycles that are due, then publishes once."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol

from pronoia.pipeline.stage import run_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)

# What time synchronisation may take back without a word.
_CLOCK_JITTER_SECONDS = 1.0


class Cycle(Protocol):
    """Something run again and again, at times of its own choosing."""

    @property
    def name(self) -> str:
        """Unique among the cycles."""

    @property
    def due_at_seconds(self) -> float:
        """Unix time from which it wants to run next."""

    def run(self, now_seconds: float) -> None:
        """Do one round. Never raises."""


class Scheduler:
    """One thread that starts due cycles in a few others and publishes what they made.

    A cycle still running when it is due again is left alone and the round is counted as skipped: work never piles
    up, and a slow query delays only itself. Publication waits for the due cycles, but not longer than
    `publish_within_seconds`; what comes later is published when it comes. When the clock is set back, everything is
    due at once: times of before mean nothing any more.

    Args:
        cycles: returns the cycles to run, asked anew each round, so that a reload needs no restart.
        publish: called once for all cycles that have ended since the last time.
        on_skip: called with the name of a cycle that was due while it was still running.
        on_tick: called at least every `heartbeat_seconds` (or `publish_within_seconds`) while the scheduler lives.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        cycles: Callable[[], Sequence[Cycle]],
        publish: Callable[[float], None],
        *,
        on_skip: Callable[[str], None],
        on_tick: Callable[[float], None],
        clock: Callable[[], float],
        threads: int = 4,
        publish_within_seconds: float = 5.0,
        heartbeat_seconds: float = 5.0,
    ) -> None:
        self._cycles = cycles
        self._publish = publish
        self._on_skip = on_skip
        self._on_tick = on_tick
        self._clock = clock
        self._publish_within_seconds = publish_within_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="cycle")
        self._running: dict[str, Future[None]] = {}
        self._skipped: set[str] = set()
        self._has_news = threading.Event()
        self._looked_at = 0.0
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin; the first round starts at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round in progress and end."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        """Look again at once at what is due (a fit ended, the configuration changed)."""
        self._wake.set()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._on_tick(self._clock())
            # Its own errors are kept from ending the scheduler, as those of any stage are.
            run_stage("all", "round", self.round)
            self._wake.wait(self._pause_seconds())

    def round(self) -> None:
        """Run every cycle that is due now, and publish what has ended."""
        now = self._clock()
        if is_set_back := now < self._looked_at - _CLOCK_JITTER_SECONDS:
            _log.warning("the clock was set back by %.1f seconds; all queries run now", self._looked_at - now)
        self._looked_at = now
        cycles = self._cycles()
        due = [cycle for cycle in cycles if is_set_back or cycle.due_at_seconds <= now]
        wait([future for cycle in due if (future := self._start(cycle))], timeout=self._publish_within_seconds)
        if self._has_news.is_set():
            self._has_news.clear()
            self._publish(self._clock())
        self._forget_others({cycle.name for cycle in cycles})

    def _start(self, cycle: Cycle) -> Future[None] | None:
        earlier = self._running.get(cycle.name)
        if earlier is not None and not earlier.done():
            # One that still waits for a thread has missed nothing.
            if earlier.running() and cycle.name not in self._skipped:
                _log.warning("query %s is due again while its last round still runs; skipped", cycle.name)
                self._skipped.add(cycle.name)
                self._on_skip(cycle.name)
            return None
        self._skipped.discard(cycle.name)
        future = self._pool.submit(self._run, cycle)
        self._running[cycle.name] = future
        return future

    def _run(self, cycle: Cycle) -> None:
        # The time is that of now: the round may have waited for a thread.
        run_stage(cycle.name, "round", lambda: cycle.run(self._clock()))
        self._has_news.set()
        self._wake.set()

    def _forget_others(self, names: set[str]) -> None:
        """Over many reloads, the names of queries that are gone must not pile up."""
        self._running = {name: run for name, run in self._running.items() if name in names or not run.done()}
        self._skipped &= names

    def _pause_seconds(self) -> float:
        now = self._clock()
        idle = [c.due_at_seconds - now for c in self._cycles() if self._is_idle(c.name)]
        return min([self._heartbeat_seconds, *(max(seconds, 0.05) for seconds in idle)])

    def _is_idle(self, name: str) -> bool:
        future = self._running.get(name)
        return future is None or future.done()
