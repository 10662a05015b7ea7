"""Work of a worker process that may take only so long."""

from __future__ import annotations

import faulthandler
import signal
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

# A library may be in a call that hears of no signal: then the process is given up.
_GRACE_SECONDS = 60.0


def within(limit_seconds: float, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the work gives, if it does so in time.

    For the main thread of a worker process. Python's own code is interrupted;
    a library's call is, when it returns. If it does not within another minute, the process ends and says where it was
    stuck (on standard error), and whoever waits for it has a BrokenExecutor.

    Args:
        limit_seconds: wall time, more than 0.
        work: what to do.
        args: its own.
        kwargs: its own.

    Raises:
        TimeoutError: if it takes longer.
    """

    def interrupt(*_: object) -> NoReturn:
        raise TimeoutError(f"given up after {limit_seconds:g} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    faulthandler.dump_traceback_later(limit_seconds + _GRACE_SECONDS, exit=True)
    others = signal.setitimer(signal.ITIMER_REAL, limit_seconds)
    try:
        return work(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *others)
