"""What a command that serves does on SIGTERM, SIGINT and SIGHUP."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from pronoia.errors import PronoiaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, Self

    _Handler = Callable[[int, FrameType | None], Any] | int | None

_POLL_SECONDS = 0.2


class Signals:
    """Inside the context signals are noted, and `wait` heeds them: what is told to stop while it starts ends in order.

    To be entered in the main thread, before anything is served.
    """

    def __init__(self) -> None:
        self._stop, self._hangup = threading.Event(), threading.Event()
        self._before: dict[signal.Signals, _Handler] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, on_hangup: Callable[[], None], timeout_seconds: float | None = None) -> None:
        """Block until SIGTERM or SIGINT, or until the time is over; call `on_hangup` for each SIGHUP."""
        waited = 0.0
        while not self._stop.wait(_POLL_SECONDS):
            waited += _POLL_SECONDS
            if timeout_seconds is not None and waited >= timeout_seconds:
                return
            if self._hangup.is_set():
                self._hangup.clear()
                _reload_quietly(on_hangup)

    def _note(self, signal_number: int, _: FrameType | None) -> None:
        # A handler interrupts whatever the main thread does: it only leaves a note.
        (self._hangup if signal_number == signal.SIGHUP else self._stop).set()


def _reload_quietly(on_hangup: Callable[[], None]) -> None:
    try:
        on_hangup()
    except PronoiaError:
        return  # told in the log and in a metric; there is nobody else to tell
