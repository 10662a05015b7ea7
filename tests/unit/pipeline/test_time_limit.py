"""Work that is stuck is given up, in Python or in a library."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from pronoia.pipeline.time_limit import within

STUCK_IN_A_LIBRARY = """
import signal, time
from pronoia.pipeline import time_limit
time_limit._GRACE_SECONDS = 0.1
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
time_limit.within(0.1, time.sleep, 60)
"""


def test_what_is_done_in_time_is_given_and_leaves_no_clock_running() -> None:
    running = signal.getitimer(signal.ITIMER_REAL)
    handler = signal.getsignal(signal.SIGALRM)
    assert within(60.0, sorted, [2, 1], reverse=True) == [2, 1]
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == pytest.approx(running, abs=10.0)


def test_what_is_stuck_is_interrupted() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"given up after 0.1 s"):
        within(0.1, time.sleep, 60)
    assert time.monotonic() - started < 30


def test_a_library_that_hears_of_no_signal_costs_the_process_which_says_where_it_was() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUCK_IN_A_LIBRARY], capture_output=True, text=True, timeout=50, check=False
    )
    assert ended.returncode == 1
    assert "in within" in ended.stderr
