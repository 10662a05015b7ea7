"""Reading samples from Prometheus into arrays, in one call."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pronoia.errors import ConfigError, ConfigProblem, QueryError
from pronoia.pipeline.upstream import Upstream
from pronoia.promql.selector import is_plain_selector
from pronoia.series import SeriesFrame, TimeRange, drop_stale
from pronoia.transport.settings import Authorization, BasicAuth, TlsSettings, UpstreamLimits, UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike


# The year 5138; the same number in milliseconds is 1973, before there was anything to read.
_LATEST_SECONDS = 1e11


def read(
    url: str,
    expression: str,
    start: float | datetime,
    end: float | datetime,
    *,
    step: float | timedelta | None = None,
    headers: Mapping[str, str] | None = None,
    basic_auth: tuple[str, str] | None = None,
    bearer_token: str | None = None,
    ca_file: str | PathLike[str] | None = None,
    cert_file: str | PathLike[str] | None = None,
    key_file: str | PathLike[str] | None = None,
    server_name: str | None = None,
    insecure_skip_verify: bool = False,
    timeout_seconds: float = 60.0,
    path: Literal["auto", "remote_read", "query_api"] = "auto",
    limits: UpstreamLimits | None = None,
) -> SeriesFrame:
    """Every stored sample of the series that a selector matches, or with a step, what an expression was worth.

    Read by remote-read, at some 20 million samples a second from a Prometheus nearby, with expressions evaluated here;
    by the HTTP API, at about one million, from servers that have no remote-read and for the few functions that are
    not evaluated here.

        import pronoia

        frame = pronoia.read("http://localhost:9090", 'node_load1{job="node"}', start=1760000000, end=1760086400)
        for labels, timestamps_ms, values in frame:
            print(labels["instance"], len(values), values.mean())

        busy = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
        frame = pronoia.read("http://localhost:9090", busy, start=1760000000, end=1760086400, step=60)

    Args:
        url: the server's base address, such as `http://localhost:9090` or `https://mimir.example/prometheus`.
        expression: without a step, a PromQL selector such as `node_load1{job="node"}`: no functions, no range. With a
            step, any PromQL that gives an instant vector or a scalar.
        start: the first instant, included: Unix seconds, or a datetime with a time zone. Ranges are read a day at a
            time, so a start long before the first sample costs a request for each empty day.
        end: the last instant, included; likewise.
        step: seconds, or a timedelta: the expression is evaluated at the multiples of it (of Unix time) between start
            and end, as a range query does. Without it, samples are given as they are stored.
        headers: extra request headers, such as `{"X-Scope-OrgID": "tenant"}`.
        basic_auth: user and password.
        bearer_token: sent as `Authorization: Bearer`; not together with `basic_auth`.
        ca_file: PEM file of the CAs to trust instead of the system's.
        cert_file: PEM file of a client certificate.
        key_file: PEM file of its key.
        server_name: the name that the server's certificate must hold, when it is not the url's host.
        insecure_skip_verify: do not verify the server's certificate.
        timeout_seconds: for the whole read.
        path: one way of reading, or `auto`.
        limits: sizes and counts that make the read fail.

    Returns:
        A frame of the series that hold samples in the range: timestamps in UTC milliseconds, values in the source's
        unit. Staleness markers are dropped; a NaN left is one that was stored, or that the expression gave. Instants
        at which an expression has no value are left out.

    Raises:
        QueryError: if the expression is not PromQL or, without a step, not a selector.
        ConfigError: if an argument cannot be used; its problems say which.
        UpstreamError: if the server cannot be reached, refuses, or answers something unusable.
        SeriesLimitExceeded: if there are more series or samples than the limits allow.
        EvaluationError: if the samples give the expression no meaning, such as two series that become one.

    >>> read("http://localhost:9090", "rate(up[5m])", start=0, end=60)
    Traceback (most recent call last):
    pronoia.errors.QueryError: a step such as step=60 is needed to evaluate what is no selector in 'rate(up[5m])'
    """
    step_ms = None if step is None else _step_ms(step)
    if step_ms is None and not is_plain_selector(expression):
        raise QueryError(expression, "a step such as step=60 is needed to evaluate what is no selector")
    start_ms, end_ms = _milliseconds("start", start), _milliseconds("end", end)
    if end_ms < start_ms:
        raise ConfigError([ConfigProblem("end", f"{end} lies before start, {start}")])
    settings = UpstreamSettings(
        name=urlsplit(url).hostname or "upstream",
        url=url,
        read=path,
        timeout_seconds=timeout_seconds,
        tls=TlsSettings(
            ca_file=_path(ca_file),
            cert_file=_path(cert_file),
            key_file=_path(key_file),
            server_name=server_name,
            insecure_skip_verify=insecure_skip_verify,
        ),
        basic_auth=BasicAuth(*basic_auth) if basic_auth else None,
        authorization=Authorization(credentials=bearer_token) if bearer_token else None,
        headers=headers or {},
        limits=limits or UpstreamLimits(),
    )
    upstream = Upstream(settings)
    try:
        if step_ms is None:
            return drop_stale(upstream.read(expression, TimeRange(start_ms, end_ms), step_ms=1))
        # In parentheses, a selector is an expression: evaluated at the step, and not given as it is stored.
        return upstream.read(f"({expression})", TimeRange(start_ms, end_ms), step_ms)
    finally:
        upstream.close()


def _path(file: str | PathLike[str] | None) -> Path | None:
    return None if file is None else Path(file)


def _step_ms(step: float | timedelta) -> int:
    seconds = step.total_seconds() if isinstance(step, timedelta) else step
    if not math.isfinite(seconds) or round(seconds * 1000) < 1:
        raise ConfigError([ConfigProblem("step", f"{step} is not a distance; a millisecond or more is needed")])
    return round(seconds * 1000)


def _milliseconds(argument: str, instant: float | datetime) -> int:
    if isinstance(instant, datetime):
        if instant.utcoffset() is None:
            problem = f"{instant} has no time zone; give one (datetime.now(UTC)) or Unix seconds"
            raise ConfigError([ConfigProblem(argument, problem)])
        return round(instant.timestamp() * 1000)
    if not math.isfinite(instant):
        raise ConfigError([ConfigProblem(argument, f"{instant} is not an instant")])
    if abs(instant) > _LATEST_SECONDS:
        raise ConfigError([ConfigProblem(argument, f"{instant} looks like milliseconds; Unix seconds are needed")])
    return round(instant * 1000)
