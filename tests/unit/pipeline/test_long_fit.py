"""A fit that may take an hour comes when it is due, alone of its kind, and once."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from pronoia.pipeline.long_fit import LongFit

NOW = 1_800_000_000.0
EVERY, FIRST = 86_400.0, 600.0


class Pool:
    """Shared by all that may take long."""

    def __init__(self) -> None:
        self.long_fit = threading.Lock()


class Fitting:
    """One of those, and what was handed over for it."""

    def __init__(self, pool: Pool, *, fitted_at: float = 0.0) -> None:
        self.futures: list[Future[int]] = []
        self.failures: list[str] = []
        self.n_done = 0
        self.error: Exception | None = None
        self._fitted_at = fitted_at
        self.fit = LongFit[int](pool, every_seconds=EVERY, first_seconds=FIRST, on_done=self._done)  # type: ignore[arg-type]

    def look(self, now: float) -> None:
        self.fit.start_if_due(
            self._submit, now_seconds=now, fitted_at_seconds=self._fitted_at, on_failed=self.failures.append
        )

    def _submit(self) -> Future[int]:
        if self.error is not None:
            raise self.error
        self.futures.append(Future())
        return self.futures[-1]

    def _done(self) -> None:
        self.n_done += 1


@pytest.mark.parametrize(("fitted_at", "first"), [(0.0, FIRST), (NOW - 1_000.0, EVERY - 1_000.0), (NOW - EVERY, FIRST)])
def test_the_first_comes_when_what_is_in_use_is_old_and_never_at_the_start(fitted_at: float, first: float) -> None:
    fitting = Fitting(Pool(), fitted_at=fitted_at)
    for now in (NOW, NOW + first - 1.0):
        fitting.look(now)
    assert not fitting.futures
    fitting.look(NOW + first)
    assert len(fitting.futures) == 1


def test_one_is_taken_up_once_and_the_next_comes_when_it_is_due() -> None:
    fitting = Fitting(Pool())
    fitting.look(NOW)
    fitting.look(NOW + FIRST)
    assert fitting.fit.ended() is None
    fitting.futures[0].set_result(7)
    assert fitting.n_done == 1
    ended = fitting.fit.ended()
    assert ended is not None
    assert ended.result() == 7
    assert fitting.fit.ended() is None
    fitting.look(NOW + FIRST + EVERY - 1.0)
    assert len(fitting.futures) == 1
    fitting.look(NOW + FIRST + EVERY)
    assert len(fitting.futures) == 2


def test_one_that_was_lost_is_made_again_soon_and_once() -> None:
    fitting = Fitting(Pool())
    fitting.look(NOW)
    start = NOW + FIRST
    fitting.look(start)
    fitting.futures[0].set_exception(RuntimeError("the worker died"))
    assert fitting.fit.ended() is not None
    fitting.look(start + 599.0)
    assert len(fitting.futures) == 1
    fitting.look(start + 600.0)
    fitting.futures[1].set_exception(RuntimeError("the worker died"))
    assert fitting.fit.ended() is not None
    fitting.look(start + 600.0 + EVERY - 1.0)
    assert len(fitting.futures) == 2


def test_one_that_took_too_long_is_not_made_again_soon() -> None:
    fitting = Fitting(Pool())
    fitting.look(NOW)
    fitting.look(NOW + FIRST)
    fitting.futures[0].set_exception(TimeoutError())
    assert fitting.fit.ended() is not None
    fitting.look(NOW + FIRST + 5_400.0)
    assert len(fitting.futures) == 1


def test_another_is_waited_for() -> None:
    pool = Pool()
    one, other = Fitting(pool), Fitting(pool)
    for fitting in (one, other):
        fitting.look(NOW)
        fitting.look(NOW + FIRST)
    assert (len(one.futures), len(other.futures)) == (1, 0)
    one.futures[0].set_result(1)
    other.look(NOW + FIRST + 1.0)
    assert len(other.futures) == 1


def test_one_that_cannot_be_handed_over_is_told_and_tried_again_when_the_next_is_due() -> None:
    fitting = Fitting(pool := Pool())
    fitting.error = OSError("no process")
    fitting.look(NOW)
    fitting.look(NOW + FIRST)
    fitting.look(NOW + FIRST + 1.0)
    assert fitting.failures == ["OSError('no process')"]
    assert not pool.long_fit.locked()


def test_a_clock_that_is_set_back_does_not_put_it_off() -> None:
    fitting = Fitting(Pool())
    fitting.look(NOW)
    fitting.look(NOW - 30 * EVERY)
    assert len(fitting.futures) == 1


def test_one_that_was_dropped_is_not_taken_up() -> None:
    fitting = Fitting(pool := Pool())
    fitting.look(NOW)
    fitting.look(NOW + FIRST)
    fitting.fit.cancel()
    assert fitting.fit.ended() is None
    assert not pool.long_fit.locked()
