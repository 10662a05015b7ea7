"""Counting log messages by level."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LogCounter(logging.Handler):
    """A logging handler that only counts.

    Args:
        count: called with `debug`, `info`, `warn` or `error`.

    >>> seen = []
    >>> logger = logging.Logger("example")
    >>> logger.addHandler(LogCounter(seen.append))
    >>> logger.warning("disk is slow"); logger.critical("disk is gone")
    >>> seen
    ['warn', 'error']
    """

    def __init__(self, count: Callable[[str], None]) -> None:
        super().__init__()
        self._count = count

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record."""
        if record.levelno >= logging.ERROR:
            self._count("error")
        elif record.levelno >= logging.WARNING:
            self._count("warn")
        else:
            self._count("info" if record.levelno >= logging.INFO else "debug")
