"""`--web.config.file`: the keys of the Prometheus exporter toolkit's format that are understood here.

References:
    https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
"""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, model_validator

from pronoia.config.duration import Duration, parse_duration
from pronoia.config.schema.fields import CountOrZero, Secret, Text, wrong
from pronoia.config.schema.section import Section
from pronoia.config.suggestion import did_you_mean

# Go's names for the TLS 1.2 suites it calls secure, and OpenSSL's. Those of TLS 1.3 cannot be chosen in either.
CIPHER_SUITES = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
}

# The only headers the toolkit lets one set, and their possible values where there are few.
_HEADERS: dict[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-Content-Type-Options": ("nosniff",),
    "X-XSS-Protection": (),
    "Strict-Transport-Security": (),
}
_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}", re.ASCII)


def _cipher_suite(value: Any) -> str:
    if value not in CIPHER_SUITES:
        raise wrong(
            "must be a cipher suite of TLS 1.2 that is known here", value, did_you_mean(str(value), CIPHER_SUITES)
        )
    return str(value)


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise wrong("must hold headers (Name: value)", value)
    for name, setting in value.items():
        if name not in _HEADERS:
            raise ValueError(f"header {name!r} cannot be set{did_you_mean(str(name), _HEADERS)}")
        if not isinstance(setting, str) or not setting.isprintable():
            raise wrong(f"header {name} must be text on one line", setting)
        if _HEADERS[name] and setting.lower() not in _HEADERS[name]:
            raise wrong(f"header {name} must be {' or '.join(_HEADERS[name])}", setting)
    return value


def _users(value: Any) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise wrong("must hold users and their bcrypt hashes (user: hash)", value)
    for user, digest in value.items():
        if not isinstance(digest, str) or not _BCRYPT.fullmatch(digest):
            # What stands there may be the password itself: it is not repeated.
            raise ValueError(f"user {user!r} needs a bcrypt hash; make one with: htpasswd -nBC 10 '' | tr -d ':\\n'")
    return {user: digest.encode() for user, digest in value.items()}


def _interval(value: Any) -> Duration:
    if value == 0:
        return Duration(0)
    if not isinstance(value, str):
        raise wrong("must be a duration such as 1s or 200ms", value)
    return parse_duration(value)


class TlsServer(Section):
    """`tls_server_config`: whose certificate we show, and whom we ask for one."""

    elsewhere: ClassVar[dict[str, str]] = {
        "client_allowed_sans": "it is not supported here: name a CA of its own in client_ca_file",
        "curve_preferences": "it is not supported here: the curves are OpenSSL's",
    }

    cert_file: Text | None = None
    """PEM file of our certificate and those between it and the root."""
    key_file: Text | None = None
    """PEM file of its key."""
    cert: Text | None = None
    """The same as text."""
    key: Secret | None = None
    """The same as text."""
    client_ca_file: Text | None = None
    """PEM file of the CAs whose clients are let in."""
    client_ca: Text | None = None
    """The same as text."""
    client_auth_type: Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] = "NoClientCert"
    """RequireAndVerifyClientCert is mutual TLS. Go's types that verify nothing are not offered."""
    min_version: Literal["TLS12", "TLS13"] = "TLS12"
    """The oldest version spoken."""
    max_version: Literal["TLS12", "TLS13"] = "TLS13"
    """The newest version spoken."""
    cipher_suites: tuple[Annotated[str, BeforeValidator(_cipher_suite)], ...] = ()
    """For TLS 1.2, by Go's names; OpenSSL's defaults if not given."""
    prefer_server_cipher_suites: bool = True
    """Whether our order of suites counts, or the client's."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for file_key, text_key in (("cert_file", "cert"), ("key_file", "key"), ("client_ca_file", "client_ca")):
            if getattr(self, file_key) is not None and getattr(self, text_key) is not None:
                raise ValueError(f"{file_key} and {text_key} are both given; one of the two is possible")
        if (self.cert_file or self.cert) is None:
            raise ValueError("cert_file is needed")
        if (self.key_file or self.key) is None:
            raise ValueError("key_file is needed")
        has_client_ca = (self.client_ca_file or self.client_ca) is not None
        if has_client_ca and self.client_auth_type == "NoClientCert":
            raise ValueError("client_ca_file has no effect without client_auth_type: RequireAndVerifyClientCert")
        if not has_client_ca and self.client_auth_type != "NoClientCert":
            raise ValueError(f"client_auth_type: {self.client_auth_type} needs client_ca_file")
        if self.min_version > self.max_version:
            raise ValueError("min_version is newer than max_version")
        return self


class HttpServer(Section):
    """`http_server_config`."""

    http2: bool = True
    """Understood and without effect: HTTP/1.1 is spoken, which every client of HTTP/2 falls back to."""
    headers: Annotated[dict[str, str], PlainValidator(_headers)] = Field(default_factory=dict)
    """Response headers to set."""


class RateLimit(Section):
    """`rate_limit`: a bucket of `burst` requests that gets one back every `interval`."""

    interval: Annotated[Duration, PlainValidator(_interval)] = Duration(0)
    """0 sets no limit."""
    burst: CountOrZero = 0
    """Requests at once."""

    @model_validator(mode="after")
    def _lets_something_in(self) -> Self:
        if self.interval.milliseconds and not self.burst:
            raise ValueError("with a burst of 0 no request would ever be answered")
        return self


class WebSettings(Section):
    """The whole file."""

    tls_server_config: TlsServer | None = None
    """Serve HTTPS instead of HTTP."""
    http_server_config: HttpServer = HttpServer()
    """What goes with every answer."""
    basic_auth_users: Annotated[dict[str, bytes], PlainValidator(_users)] = Field(default_factory=dict)
    """Users and the bcrypt hashes of their passwords; everybody is let in if there are none."""
    rate_limit: RateLimit = RateLimit()
    """How many requests are answered."""
