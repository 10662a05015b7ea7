"""`upstreams`: the Prometheus servers (or stores that speak like one) that are read."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from pronoia.config.duration import parse_duration
from pronoia.config.schema.fields import AutoTimeout, Count, CountOrZero, Name, Secret, Size, Text, Timeout
from pronoia.config.schema.section import Section


class TlsConfig(Section):
    """As Prometheus' `tls_config`. Paths are relative to the configuration file."""

    elsewhere: ClassVar[dict[str, str]] = {
        "ca": "put it in a file and name the file with ca_file",
        "cert": "put it in a file and name the file with cert_file",
        "key": "put it in a file and name the file with key_file",
    }

    ca_file: Text | None = None
    """PEM file of the CAs to trust; the system's if not given."""
    cert_file: Text | None = None
    """PEM file of the client certificate, for servers that ask for one (mutual TLS)."""
    key_file: Text | None = None
    """PEM file of its key; may be left out when cert_file holds both."""
    server_name: Text | None = None
    """The name to verify, when it is not the URL's host."""
    insecure_skip_verify: bool = False
    """True verifies nothing: whoever answers is believed, and gets the credentials."""


class BasicAuth(Section):
    """As Prometheus' `basic_auth`."""

    username: Text
    """Sent with each request."""
    password: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    password_file: Text | None = None
    """A file that holds the password; read anew for each request, so that it can be rotated."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both given; one of the two is possible")
        if self.password is None and self.password_file is None:
            raise ValueError("password or password_file is needed")
        return self


class Authorization(Section):
    """As Prometheus' `authorization`: any other Authorization header, mostly a bearer token."""

    type: Text = "Bearer"
    """The scheme in front of the credentials."""
    credentials: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    credentials_file: Text | None = None
    """A file that holds them; read anew for each request, so that tokens can be rotated."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.credentials is not None and self.credentials_file is not None:
            raise ValueError("credentials and credentials_file are both given; one of the two is possible")
        if self.credentials is None and self.credentials_file is None:
            raise ValueError("credentials or credentials_file is needed")
        return self


class ReadLimits(Section):
    """What one read may cost. Sizes are checked before memory is asked for; past a limit the read is an error."""

    max_frame_size: Size = 50 * 2**20
    """Bytes of one frame of a streamed answer. Prometheus' own client allows 50 MB."""
    max_response_size: Size = 512 * 2**20
    """Bytes of one answer as received."""
    max_decompressed_size: Size = 1024 * 2**20
    """Bytes of one answer after decompression."""
    max_samples: Count = 50_000_000
    """Samples of one read over all its time slices. Prometheus' own default for a query."""
    max_series: Count = 100_000
    """Series of one read."""
    max_subquery_points: Count = 11_000
    """Points for each series that a subquery may need at one instant: its range, and that of subqueries around it,
    by its step. Prometheus' own limit for a range query."""


class Promql(Section):
    """What expressions mean that Pronoia evaluates itself; auto asks the server, now and then."""

    ranges: Literal["auto", "left_open", "closed"] = "auto"
    """Whether x[5m] leaves out a sample exactly five minutes old (left_open, Prometheus 3) or not (closed, 2)."""
    lookback: AutoTimeout = "auto"
    """How old a sample may be and still be the value of a selector: --query.lookback-delta. 5m where unknown."""
    evaluation_interval: AutoTimeout = "auto"
    """The step of subqueries that name none: global.evaluation_interval. 1m where unknown."""


class Upstream(Section):
    """One server to read from."""

    elsewhere: ClassVar[dict[str, str]] = {
        "bearer_token": "write authorization: {credentials: ...}",
        "bearer_token_file": "write authorization: {credentials_file: ...}",
        "http_headers": "write headers: {Name: value}",
        "remote_timeout": "write timeout",
        "password": "it belongs under basic_auth",
        "username": "it belongs under basic_auth",
        "ca_file": "it belongs under tls_config",
    }

    name: Name = "prometheus"
    """What it is called in metrics, logs and in queries[].upstream."""
    url: Text = "http://localhost:9090"
    """The base address, http or https; /api/v1/... is appended. No user or password: they belong under basic_auth."""
    read: Literal["auto", "remote_read", "query_api"] = "auto"
    """The way of reading: remote_read, with expressions evaluated by Pronoia; query_api, all by the server; or auto:
    remote_read where the server has it and Pronoia can evaluate the expression."""
    timeout: Timeout = parse_duration("1m")
    """For one whole read, from waiting for a free slot to the last byte."""
    connect_timeout: Timeout = parse_duration("10s")
    """For one attempt to connect."""
    slice: Timeout = parse_duration("1d")
    """Time range asked for in one request, or up to a quarter more; shorter ones need less of the server's memory."""
    overlap: Timeout = parse_duration("5m")
    """How far back each further read reaches again, for samples that arrive late."""
    max_in_flight: Count = 2
    """Requests at the same time. Prometheus serves ten remote reads at once, to all its clients together."""
    max_retries: CountOrZero = 3
    """Further attempts, within the timeout, after connection errors and the statuses 429, 502, 503 and 504."""
    tls_config: TlsConfig = TlsConfig()
    """What is trusted, and who we are."""
    basic_auth: BasicAuth | None = None
    """User and password; not together with authorization."""
    authorization: Authorization | None = None
    """A bearer token; not together with basic_auth."""
    headers: dict[str, Secret] = Field(default_factory=dict)
    """Further request headers, such as X-Scope-OrgID. Values are not shown: they may be secret."""
    limits: ReadLimits = ReadLimits()
    """What one read may cost."""
    promql: Promql = Promql()
    """What expressions mean that Pronoia evaluates itself."""
