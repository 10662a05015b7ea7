"""Every error Pronoia raises on purpose: one root, branches by who can fix it.

Messages name what was got and what was wanted; the facts are attributes, so that callers never parse text.
"""

from __future__ import annotations

from typing import NamedTuple


class PronoiaError(Exception):
    """Root of all errors raised by Pronoia."""

    #: A short, bounded word for metric labels.
    cause = "error"


class ConfigProblem(NamedTuple):
    """One mistake in the configuration: where it stands (`line` 0 where unknown) and what would be right."""

    path: str
    problem: str
    line: int = 0

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        where = f"{self.path} ({line})" if self.path and line else self.path or line
        return f"{where}: {self.problem}" if where else self.problem


class ConfigError(PronoiaError):
    """The operator's to fix: the configuration, a flag or a query. Carries all problems found, not the first."""

    def __init__(self, problems: list[ConfigProblem] | tuple[ConfigProblem, ...], source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        head = f"{source}: " if source else ""
        count = f"{len(self.problems)} problems" if len(self.problems) != 1 else "1 problem"
        super().__init__(head + count + "".join(f"\n  {problem}" for problem in self.problems))


class QueryError(PronoiaError):
    """The operator's to fix: a PromQL expression that does not parse, or is not of the kind wanted here.

    `position` counts characters from 0; it is None where the expression as a whole is meant.
    """

    cause = "query"

    def __init__(self, expression: str, reason: str, position: int | None = None) -> None:
        self.expression = expression
        self.reason = reason
        self.position = position
        where = "" if position is None else f" at character {position + 1}"
        super().__init__(f"{reason}{where} in {expression!r}")


class QueryTooLarge(QueryError):
    """The operator's to fix: an expression that would read or hold more than a configured limit, found beforehand."""

    cause = "limit"


class UpstreamError(PronoiaError):
    """The upstream's: Prometheus was not reached, refused, or answered something unusable."""

    cause = "upstream"


class UpstreamUnreachable(UpstreamError):
    """No connection: unknown host, refused, reset, or TLS that could not be verified."""

    cause = "unreachable"


class UpstreamTimeout(UpstreamError):
    """The deadline of the read passed before the answer was complete."""

    cause = "timeout"


class UpstreamStatus(UpstreamError):
    """An HTTP status other than 200; `status` and the start of the body tell which and why."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.cause = str(status)
        super().__init__(message)


class ResponseTooLarge(UpstreamError):
    """A declared, counted or received size passed a configured limit; nothing of that size was allocated.

    `reason` says it in other words than bytes, where the limit is not configured in bytes.
    """

    cause = "too_large"

    def __init__(self, what: str, got_bytes: int, limit_bytes: int, reason: str = "") -> None:
        self.what = what
        self.got_bytes = got_bytes
        self.limit_bytes = limit_bytes
        super().__init__(reason or f"{what} is {got_bytes} bytes, the limit is {limit_bytes} bytes")


class DecodeError(UpstreamError):
    """Bytes that are not what the wire format says; `offset` is where in the body it was noticed."""

    cause = "decode"

    def __init__(self, reason: str, offset: int = -1) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(f"{reason} (at byte {offset})" if offset >= 0 else reason)


class UnsupportedChunkEncoding(DecodeError):
    """A chunk encoding this decoder does not know; the same data can be asked for as SAMPLES."""

    cause = "chunk_encoding"

    def __init__(self, encoding: int, offset: int = -1) -> None:
        self.encoding = encoding
        super().__init__(f"chunk encoding {encoding} is not supported", offset)


class SeriesError(PronoiaError):
    """The data's: a series or a frame that cannot be used as asked."""

    cause = "series"


class NoSeries(SeriesError):
    """A query that gives nothing: there may be nothing, or the expression may be misspelt."""

    cause = "no_series"


class NotFitted(SeriesError):
    """No fitted model to predict from: the first fit is still running, or the last one is too old."""

    cause = "not_fitted"


class SeriesLimitExceeded(SeriesError):
    """More series or samples than the configured limit; `key` is the limit's name where it is configured."""

    cause = "limit"

    def __init__(self, what: str, got: int, limit: int, key: str = "") -> None:
        self.what = what
        self.got = got
        self.limit = limit
        self.key = key
        super().__init__(f"{got} {what}, {key or 'the limit'} is {limit}")


class EvaluationError(SeriesError):
    """Data on which an expression has no meaning, such as two series that become one; Prometheus refuses it, too."""

    cause = "query"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ModelError(PronoiaError):
    """A model that failed on one series; the caller falls back to the baseline and counts it."""

    cause = "model"

    def __init__(self, model: str, reason: str) -> None:
        self.model = model
        self.reason = reason
        super().__init__(f"{model}: {reason}")


class PluginError(PronoiaError):
    """Another package's: a forecaster that it registered cannot be used; the message names the package."""

    cause = "plugin"


class StateError(PronoiaError):
    """Saved state that cannot be read: it is set aside and refitted."""

    cause = "state"
