from __future__ import annotations

import os
import signal

import pytest

from pronoia.cli.signals import Signals
from pronoia.errors import PronoiaError


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_comes_before_anybody_waits_is_heeded(number: signal.Signals) -> None:
    with Signals() as signals:
        os.kill(os.getpid(), number)
        signals.wait(on_hangup=lambda: None)


def test_a_hangup_is_handed_on_and_what_it_says_ends_nothing() -> None:
    heard = []

    def reload() -> None:
        heard.append(1)
        os.kill(os.getpid(), signal.SIGTERM)
        raise PronoiaError("the configuration is wrong")

    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        signals.wait(on_hangup=reload)
    assert heard == [1]


def test_the_time_may_be_over() -> None:
    with Signals() as signals:
        signals.wait(on_hangup=lambda: None, timeout_seconds=0.3)


def test_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Signals():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
