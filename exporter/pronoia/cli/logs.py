"""Log lines on standard error, as logfmt or JSON, in the manner of the Prometheus family."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warn", "error")
FORMATS = ("logfmt", "json")
_NAMES = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warn", logging.ERROR: "error"}


class LineFormatter(logging.Formatter):
    """One record, one line: time, level, source, message, and the traceback if there is one."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self._as_json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line without its end."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": _NAMES.get(record.levelno, "error"),
            "source": f"{record.name.removeprefix('pronoia.')}:{record.lineno}",
            "msg": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        if self._as_json:
            return json.dumps(fields)
        return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def _quoted(value: str) -> str:
    r"""A logfmt value: bare where that is unambiguous.

    >>> _quoted("scheduler:12"), _quoted('said "no"\n')
    ('scheduler:12', '"said \\"no\\"\\n"')
    """
    return value if value and not set(value) & set(' "=\n\t\\') else json.dumps(value)


def configure(level: str, style: str) -> None:
    """Send Pronoia's log to standard error; libraries are heard from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(style))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    threshold = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
    logging.getLogger("pronoia").setLevel(threshold[level])
