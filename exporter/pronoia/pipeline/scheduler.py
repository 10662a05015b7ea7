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
    `publish_within_seconds`; what comes later is in the next one.

    Args:
        cycles: returns the cycles to run, asked anew each round, so that a reload needs no restart.
        publish: called after each round in which a cycle ran.
        on_skip: called with the name of a cycle that was due while it was still running.
        on_tick: called at least every `heartbeat_seconds` while the scheduler lives.
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
        publish_within_seconds: float = 30.0,
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
        """Run every cycle that is due now, and publish."""
        now = self._clock()
        started = [future for cycle in self._cycles() if (future := self._start_if_due(cycle, now))]
        if not started:
            return
        wait(started, timeout=self._publish_within_seconds)
        self._publish(self._clock())

    def _start_if_due(self, cycle: Cycle, now: float) -> Future[None] | None:
        if cycle.due_at_seconds > now:
            return None
        earlier = self._running.get(cycle.name)
        if earlier is not None and not earlier.done():
            if cycle.name not in self._skipped:
                _log.warning("query %s is due again while its last round still runs; skipped", cycle.name)
                self._skipped.add(cycle.name)
                self._on_skip(cycle.name)
            return None
        self._skipped.discard(cycle.name)
        future = self._pool.submit(cycle.run, now)
        self._running[cycle.name] = future
        return future

    def _pause_seconds(self) -> float:
        now = self._clock()
        idle = [c.due_at_seconds - now for c in self._cycles() if self._is_idle(c.name)]
        return min([self._heartbeat_seconds, *(max(seconds, 0.05) for seconds in idle)])

    def _is_idle(self, name: str) -> bool:
        future = self._running.get(name)
        return future is None or future.done()
