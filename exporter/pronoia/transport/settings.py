"""How one upstream is reached: address, TLS, credentials, headers, time and size limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MIB = 1 << 20
# Set by the clients themselves; Authorization has its own settings, so that it is never logged.
_RESERVED_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "x-prometheus-remote-read-version",
    }
)
# RFC 9110 section 5.1 (token) and 5.5 (no control characters in values).
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Prometheus' `tls_config`.

    Args:
        ca_file: PEM file of the CAs to trust instead of the system's.
        cert_file: PEM file of the client certificate (mutual TLS).
        key_file: PEM file of its key; may be left out when `cert_file` holds both.
        server_name: the name to ask for and to verify, when it is not the URL's host.
        insecure_skip_verify: verify nothing; a warning is logged.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """Prometheus' `basic_auth`; a `password_file` is read anew for every request."""

    username: str
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """Prometheus' `authorization`; a `credentials_file` is read anew for every request."""

    type: str = "Bearer"
    credentials: str | None = field(default=None, repr=False)
    credentials_file: Path | None = None


@dataclass(frozen=True, slots=True)
class UpstreamLimits:
    """What one read may cost; a read that passes a limit is an error, not a smaller answer.

    Args:
        max_frame_bytes: one frame of a streamed remote-read answer. Prometheus' own client allows 50 MB.
        max_response_bytes: body of one HTTP answer, as received.
        max_decompressed_bytes: the same after decompression.
        max_samples: samples of one read, over all its time slices. Prometheus' default for a query is 50 million.
        max_series: series of one read.
        max_subquery_points: points for each series that a subquery may be evaluated at for one instant. Prometheus'
            own limit of points of a range query.
    """

    max_frame_bytes: int = 50 * _MIB
    max_response_bytes: int = 512 * _MIB
    max_decompressed_bytes: int = 1024 * _MIB
    max_samples: int = 50_000_000
    max_series: int = 100_000
    max_subquery_points: int = 11_000


@dataclass(frozen=True, slots=True)
class PromqlSettings:
    """What an upstream's expressions mean, where it is not to be asked of the server; None asks.

    Args:
        left_open: whether ranges leave out their left end, as since Prometheus 3.0.
        lookback_ms: how old a sample may be and still count (`--query.lookback-delta`).
        evaluation_interval_ms: the step of subqueries that name none (`global.evaluation_interval`).
    """

    left_open: bool | None = None
    lookback_ms: int | None = None
    evaluation_interval_ms: int | None = None


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """One upstream, as the configuration or a caller describes it.

    Args:
        name: what it is called in metrics and logs.
        url: the base address, to which `/api/v1/...` is appended; http or https, no user, query or fragment.
        read: `remote_read`, `query_api`, or `auto` (remote-read where the server has it).
        timeout_seconds: for a whole read, from waiting for a free slot to the last byte.
        connect_timeout_seconds: for one attempt to connect.
        tls: what is trusted, and who we are.
        basic_auth: user and password; not together with `authorization`.
        authorization: another `Authorization` header, mostly a bearer token.
        headers: extra headers such as `X-Scope-OrgID`; kept out of representations, as they may be secret.
        limits: sizes and counts.
        promql: what expressions mean that are evaluated here.
        slice_seconds: time range asked for in one request; by remote-read up to a quarter more.
        max_in_flight: requests at the same time, over all threads. Prometheus serves ten reads at once to all.
        max_retries: further attempts after a connection error, 429, 502, 503 or 504.

    Raises:
        ConfigError: naming every setting that cannot be used; values of secrets are never part of it.
    """

    name: str
    url: str
    read: Literal["auto", "remote_read", "query_api"] = "auto"
    timeout_seconds: float = 60.0
    connect_timeout_seconds: float = 10.0
    tls: TlsSettings = TlsSettings()
    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: UpstreamLimits = UpstreamLimits()
    promql: PromqlSettings = PromqlSettings()
    slice_seconds: float = 86_400.0
    max_in_flight: int = 2
    max_retries: int = 3

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise ConfigError(problems, source=f"upstream {self.name!r}")
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))

    def endpoint(self, path: str) -> str:
        """The address of an API path.

        >>> UpstreamSettings("mimir", "https://mimir.example/prometheus/").endpoint("/api/v1/read")
        'https://mimir.example/prometheus/api/v1/read'
        """
        return self.url.rstrip("/") + path

    def _problems(self) -> Iterator[ConfigProblem]:
        yield from _url_problems(self.url)
        if self.basic_auth and self.authorization:
            yield ConfigProblem("authorization", "basic_auth is set too; one of the two is possible")
        if self.authorization and self.authorization.type.lower() == "basic":
            yield ConfigProblem("authorization.type", "Basic is written as basic_auth with username and password")
        if self.tls.key_file and not self.tls.cert_file:
            yield ConfigProblem("tls_config.key_file", "a key needs its certificate in cert_file")
        for name, value in self.headers.items():
            if name.lower() in _RESERVED_HEADERS:
                yield ConfigProblem(f"headers.{name}", "this header is set by Pronoia itself")
            elif not _HEADER_NAME.fullmatch(name):
                yield ConfigProblem(f"headers.{name!r}", "not a header name")
            elif _CONTROL.search(value):
                yield ConfigProblem(f"headers.{name}", "the value holds control characters")
        for path, number, least in (
            ("timeout_seconds", self.timeout_seconds, 0.0),
            ("connect_timeout_seconds", self.connect_timeout_seconds, 0.0),
            ("slice_seconds", self.slice_seconds, 0.0),
            ("max_in_flight", self.max_in_flight, 0),
            ("max_retries", self.max_retries, -1),
        ):
            if not number > least:
                yield ConfigProblem(path, f"got {number}, more than {least} is needed")


def _url_problems(url: str) -> Iterator[ConfigProblem]:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        yield ConfigProblem("url", str(error))
        return
    if parts.username is not None or parts.password is not None:
        # The address is part of messages and metrics; what stands in it cannot be kept secret.
        yield ConfigProblem("url", "holds a user or password; use basic_auth")
    elif parts.scheme not in ("http", "https") or not parts.hostname:
        yield ConfigProblem("url", f"got {url!r}, an address such as http://localhost:9090 is needed")
    elif parts.query or parts.fragment:
        yield ConfigProblem("url", f"got {url!r}, a base address has no query and no fragment")
