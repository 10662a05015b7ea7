"""From the `upstreams` section to what the clients take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.transport.settings import (
    Authorization,
    BasicAuth,
    PromqlSettings,
    TlsSettings,
    UpstreamLimits,
    UpstreamSettings,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from pronoia.config.schema.alert_bridge import Endpoint
    from pronoia.config.schema.upstream import Promql, Upstream


def upstream_settings(upstream: Upstream, directory: Path) -> UpstreamSettings:
    """Plain settings of one upstream; paths are taken as relative to `directory`.

    Raises:
        ConfigError: naming each setting that cannot be used, relative to the upstream.
    """
    limits = upstream.limits
    return UpstreamSettings(
        name=upstream.name,
        url=upstream.url,
        read=upstream.read,
        timeout_seconds=upstream.timeout.seconds,
        connect_timeout_seconds=upstream.connect_timeout.seconds,
        tls=_tls(upstream, directory),
        basic_auth=_basic_auth(upstream, directory),
        authorization=_authorization(upstream, directory),
        headers={name: value.get_secret_value() for name, value in upstream.headers.items()},
        limits=UpstreamLimits(
            max_frame_bytes=limits.max_frame_size,
            max_response_bytes=limits.max_response_size,
            max_decompressed_bytes=limits.max_decompressed_size,
            max_samples=limits.max_samples,
            max_series=limits.max_series,
            max_subquery_points=limits.max_subquery_points,
        ),
        promql=promql_settings(upstream.promql),
        slice_seconds=upstream.slice.seconds,
        max_in_flight=upstream.max_in_flight,
        max_retries=upstream.max_retries,
    )


def endpoint_settings(endpoint: Endpoint, name: str, directory: Path, *, max_retries: int) -> UpstreamSettings:
    """Plain settings of an address that is posted to.

    Raises:
        ConfigError: naming each setting that cannot be used.
    """
    return UpstreamSettings(
        name=name,
        url=endpoint.url,
        timeout_seconds=endpoint.timeout.seconds,
        connect_timeout_seconds=endpoint.timeout.seconds,
        tls=_tls(endpoint, directory),
        basic_auth=_basic_auth(endpoint, directory),
        authorization=_authorization(endpoint, directory),
        max_retries=max_retries,
    )


def _tls(server: Upstream | Endpoint, directory: Path) -> TlsSettings:
    tls = server.tls_config
    return TlsSettings(
        ca_file=_file(tls.ca_file, directory),
        cert_file=_file(tls.cert_file, directory),
        key_file=_file(tls.key_file, directory),
        server_name=tls.server_name,
        insecure_skip_verify=tls.insecure_skip_verify,
    )


def _basic_auth(server: Upstream | Endpoint, directory: Path) -> BasicAuth | None:
    basic = server.basic_auth
    return BasicAuth(basic.username, _shown(basic.password), _file(basic.password_file, directory)) if basic else None


def _authorization(server: Upstream | Endpoint, directory: Path) -> Authorization | None:
    other = server.authorization
    if other is None:
        return None
    return Authorization(other.type, _shown(other.credentials), _file(other.credentials_file, directory))


def _file(path: str | None, directory: Path) -> Path | None:
    return None if path is None else directory / path


def promql_settings(promql: Promql) -> PromqlSettings:
    """What is fixed of the meaning of expressions; None for what is to be asked of the server."""
    return PromqlSettings(
        left_open={"auto": None, "left_open": True, "closed": False}[promql.ranges],
        lookback_ms=None if promql.lookback == "auto" else promql.lookback.milliseconds,
        evaluation_interval_ms=None
        if promql.evaluation_interval == "auto"
        else promql.evaluation_interval.milliseconds,
    )


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
