"""Upstreams can be reached as they are described."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pronoia.config.checks.finding import Finding
from pronoia.config.upstream_settings import upstream_settings
from pronoia.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.document import Path
    from pronoia.config.schema.alert_bridge import Endpoint
    from pronoia.config.schema.settings import Settings
    from pronoia.config.schema.upstream import Upstream

_API_PATHS = ("/api/v1/read", "/api/v1/write", "/api/v1/query", "/api/v1/query_range", "/api/v1")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def check_upstreams(settings: Settings) -> Iterator[Finding]:
    """Problems of the kind that the clients would refuse: addresses, headers, two ways to authenticate."""
    for position, upstream in enumerate(settings.upstreams):
        where = ("upstreams", position)
        try:
            upstream_settings(upstream, FilePath())
        except ConfigError as error:
            for problem in error.problems:
                yield Finding((*where, *(part.strip("'") for part in problem.path.split(".", 1))), problem.problem)
            continue
        for ending in _API_PATHS:
            if upstream.url.rstrip("/").endswith(ending):
                yield Finding((*where, "url"), f"{ending} is appended by Pronoia; give the address without it")
                break


def doubtful_upstreams(settings: Settings, directory: FilePath) -> Iterator[Finding]:
    """Files that are not there (they may be when they are needed), and secrets that travel in the open."""
    for position, upstream in enumerate(settings.upstreams):
        where = ("upstreams", position)
        yield from missing_files(upstream, where, directory)
        if upstream.tls_config.insecure_skip_verify:
            problem = "the server is not verified: whoever answers is believed, and gets the credentials"
            yield Finding((*where, "tls_config", "insecure_skip_verify"), problem)
        address = urlsplit(upstream.url)
        sends_secret = upstream.basic_auth is not None or upstream.authorization is not None
        if sends_secret and address.scheme == "http" and address.hostname not in _LOCAL_HOSTS:
            yield Finding((*where, "url"), "credentials are sent over http, readable on the way; use https")


def missing_files(server: Upstream | Endpoint, where: Path, directory: FilePath) -> Iterator[Finding]:
    """Certificates and secrets of a server that are not there."""
    for section in ("tls_config", "basic_auth", "authorization"):
        for key, value in getattr(server, section) or ():
            if key.endswith("_file") and value is not None and not (directory / value).is_file():
                yield Finding((*where, section, key), f"there is no file {directory / value}")
