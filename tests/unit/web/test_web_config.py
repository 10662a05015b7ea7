"""The exporter toolkit's web configuration file: what is understood, and what is refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.errors import ConfigError
from pronoia.web.web_config import WebConfigFile

if TYPE_CHECKING:
    from pathlib import Path

    from pronoia.web.web_config_schema import WebSettings

HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"

WHOLE = f"""
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: true
http_server_config:
  http2: true
  headers:
    X-Content-Type-Options: nosniff
    X-Frame-Options: DENY
basic_auth_users:
  alice: {HASH}
rate_limit: {{interval: 200ms, burst: 5}}
"""


def load(tmp_path: Path, text: str) -> WebSettings:
    path = tmp_path / "web.yml"
    path.write_text(text)
    return WebConfigFile(path).current()


def test_the_toolkits_keys_are_understood(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.tls_server_config is not None
    assert settings.basic_auth_users == {"alice": HASH.encode()}
    assert settings.rate_limit.interval.seconds == 0.2
    assert settings.http_server_config.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("text", ["", "tls_server_config:\n", "rate_limit: {interval: 0}\n"])
def test_an_empty_file_asks_for_nothing(tmp_path: Path, text: str) -> None:
    settings = load(tmp_path, text)
    assert settings.tls_server_config is None
    assert not settings.basic_auth_users
    assert not settings.rate_limit.interval.milliseconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("basic_auth_user: {}", "unknown key; did you mean 'basic_auth_users'?"),
        ("basic_auth_users: {alice: hunter2}", "user 'alice' needs a bcrypt hash"),
        ("basic_auth_users: [alice]", "must hold users and their bcrypt hashes"),
        ("http_server_config: {headers: {X-Frame-Option: deny}}", "did you mean 'X-Frame-Options'?"),
        ("http_server_config: {headers: {X-Frame-Options: maybe}}", "must be deny or sameorigin, got 'maybe'"),
        ('http_server_config: {headers: {Content-Security-Policy: "a\\nb"}}', "text on one line"),
        ("rate_limit: {interval: 1s}", "burst of 0"),
        ("rate_limit: {interval: 5, burst: 1}", "must be a duration such as 1s"),
        ("tls_server_config: {key_file: k}", "cert_file is needed"),
        ("tls_server_config: {cert_file: c}", "key_file is needed"),
        ("tls_server_config: {cert_file: c, cert: x, key_file: k}", "cert_file and cert are both given"),
        ("tls_server_config: {cert_file: c, key_file: k, client_ca_file: a}", "RequireAndVerifyClientCert"),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequireAndVerifyClientCert}",
            "needs client_ca_file",
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequestClientCert}",
            "must be NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert",
        ),
        ("tls_server_config: {cert_file: c, key_file: k, min_version: TLS10}", "must be TLS12 or TLS13, got 'TLS10'"),
        (
            "tls_server_config: {cert_file: c, key_file: k, min_version: TLS13, max_version: TLS12}",
            "min_version is newer",
        ),
        ("tls_server_config: {cert_file: c, key_file: k, client_allowed_sans: [a]}", "it is not supported here"),
        ("tls_server_config: {cert_file: c, key_file: k, curve_preferences: [X25519]}", "it is not supported here"),
        ("tls_server_config: {cert_file: c, key_file: k, cipher_suites: [RC4]}", "cipher suite of TLS 1.2"),
        ("basic_auth_users: [", "not valid YAML"),
    ],
)
def test_what_cannot_be_honoured_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    assert message in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, "basic_auth_user: {}\nrate_limit: {interval: 1s}\n")
    assert len(refused.value.problems) == 2


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"web.yml: 1 problem\n.*cannot be read: No such file"):
        WebConfigFile(tmp_path / "web.yml")
