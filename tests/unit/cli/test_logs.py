"""Log lines are one line each, in either format."""

from __future__ import annotations

import json
import logging
import sys

from pronoia.cli.logs import LineFormatter


def record(message: str, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("pronoia.pipeline.scheduler", level, "x.py", 12, message, None, None)


def test_logfmt_quotes_what_needs_it() -> None:
    line = LineFormatter("logfmt").format(record('query "cpu"\nskipped'))
    assert line.endswith('level=warn source=pipeline.scheduler:12 msg="query \\"cpu\\"\\nskipped"')


def test_json_is_json() -> None:
    assert json.loads(LineFormatter("json").format(record("x", logging.INFO)))["level"] == "info"


def test_a_traceback_stays_on_the_line() -> None:
    it = record("failed", logging.ERROR)
    try:
        int("bad")
    except ValueError:
        it.exc_info = sys.exc_info()
    line = LineFormatter("logfmt").format(it)
    assert "ValueError: invalid literal" in line
    assert "\n" not in line
