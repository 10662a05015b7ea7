from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pronoia.errors import ConfigError
from pronoia.transport.settings import Authorization, BasicAuth, TlsSettings, UpstreamSettings


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"url": "localhost:9090"}, "url: got 'localhost:9090', an address such as http://localhost:9090 is needed"),
        ({"url": "ftp://localhost"}, "an address such as http://localhost:9090 is needed"),
        ({"url": "http://"}, "an address such as http://localhost:9090 is needed"),
        ({"url": "http://localhost:port"}, "url: Port could not be cast"),
        ({"url": "http://localhost/?x=1"}, "a base address has no query"),
        ({"url": "http://me:hunter22@localhost"}, "url: holds a user or password; use basic_auth"),
        ({"basic_auth": BasicAuth("me"), "authorization": Authorization()}, "one of the two is possible"),
        ({"authorization": Authorization("basic")}, "written as basic_auth"),
        ({"tls": TlsSettings(key_file=Path("key.pem"))}, "a key needs its certificate"),
        ({"headers": {"Authorization": "Bearer hunter22"}}, "headers.Authorization: this header is set by Pronoia"),
        ({"headers": {"no good": "hunter22"}}, "not a header name"),
        ({"headers": {"X-Key": "hunter22\r\nX: y"}}, "headers.X-Key: the value holds control characters"),
        ({"timeout_seconds": 0}, "timeout_seconds: got 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds: got nan"),
        ({"max_in_flight": 0}, "max_in_flight: got 0"),
        ({"max_retries": -1}, "max_retries: got -1"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_secrets(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        UpstreamSettings(**{"name": "main", "url": "http://localhost:9090", **settings})
    assert problem in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_all_problems_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        UpstreamSettings("main", "nowhere", timeout_seconds=-1, max_in_flight=0)
    assert len(caught.value.problems) == 3


def test_headers_cannot_be_changed_from_outside() -> None:
    headers = {"X-Scope-OrgID": "a"}
    settings = UpstreamSettings("main", "http://localhost:9090", headers=headers)
    headers["X-Scope-OrgID"] = "b"
    assert settings.headers["X-Scope-OrgID"] == "a"
