"""create_app: the exporter's HTTP surface as a WSGI application."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from pronoia.errors import PronoiaError, SeriesLimitExceeded, StateError
from pronoia.exposition.scrape import render_registry
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.server import respond
from pronoia.version import __version__
from pronoia.web import api_json, responses
from pronoia.web.alerts_api import AlertsApi
from pronoia.web.anomalies_api import AnomaliesApi
from pronoia.web.api_json import ApiError
from pronoia.web.at_risk import at_risk
from pronoia.web.bottlenecks_api import BottlenecksApi
from pronoia.web.curve import ForecastCurve
from pronoia.web.curves_api import CurvesApi
from pronoia.web.failures_api import FailuresApi
from pronoia.web.forecasts_api import ForecastsApi
from pronoia.web.incident_rows import IncidentRow, incident_rows
from pronoia.web.incidents_api import IncidentsApi
from pronoia.web.model_rows import model_rows
from pronoia.web.query_status import query_statuses
from pronoia.web.unusual import unusual

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.exposition.page import Page
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.pipeline.alert_bridge import AlertBridge
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.remote_read.query import ReadQuery
    from pronoia.series import SeriesFrame

_log = logging.getLogger(__name__)
# Of the status page.
_MOST_INCIDENTS = 10
# As Prometheus' own limit on a remote-read request (storage/remote/codec.go, decodeReadLimit).
MAX_REQUEST_BYTES = 32 * 1024 * 1024

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "Referrer-Policy": "no-referrer",
}


class SnapshotHolder(Protocol):
    """What the web reads (`pipeline.holder.Holder`)."""

    @property
    def is_filled(self) -> bool:
        """Whether there was ever a snapshot, made or restored."""

    def snapshot(self, now_seconds: float) -> Snapshot:
        """What may be shown at this time."""

    def page(self, now_seconds: float) -> Page:
        """The rendered predictions as of this time."""


def create_app(
    holder: SnapshotHolder,
    telemetry: Telemetry,
    *,
    reload: Callable[[], None],
    config_text: Callable[[], str],
    is_stopping: Callable[[], bool] = lambda: False,
    limits: ReadLimits | None = None,
    bridge: AlertBridge | None = None,
    clock: Callable[[], float] = time.time,
) -> Flask:
    """The exporter's application. It serves what has been published; no request makes it read, fit or predict.

    Args:
        holder: the current snapshot and its page.
        telemetry: what `/metrics` shows.
        reload: reads the configuration anew; raises one of our errors if it stays as it was.
        config_text: the running configuration without its secrets.
        is_stopping: whether the process is on its way out.
        limits: bounds on remote-read requests.
        bridge: what becomes of alerts; without it there is no webhook and there are no incidents.
        clock: Unix time in seconds.
    """
    pages = _Pages(holder, telemetry, reload, config_text, is_stopping, clock, bridge)
    app = create_bare_app()
    for rule, view in (
        ("/", pages.status),
        ("/metrics", pages.metrics),
        ("/predictions", pages.predictions),
        ("/api/v1/forecasts", ForecastsApi(holder, clock).forecasts),
        ("/api/v1/curves", CurvesApi(holder, clock).curves),
        ("/api/v1/bottlenecks", BottlenecksApi(holder, clock).bottlenecks),
        ("/api/v1/anomalies", AnomaliesApi(holder, clock).anomalies),
        ("/api/v1/failures", FailuresApi(holder, clock).failures),
        ("/api/v1/alerts", AlertsApi(holder, clock).alerts),
        ("/config", pages.config),
        ("/-/healthy", healthy),
        ("/-/ready", pages.ready),
    ):
        app.add_url_rule(rule, view_func=view, methods=["GET"])
    app.add_url_rule("/-/reload", view_func=pages.reload, methods=["POST", "PUT"])
    app.register_error_handler(ApiError, api_json.failure)
    if bridge is not None:
        _add_incidents(app, IncidentsApi(bridge))
    add_remote_read(app, ForecastCurve(holder, clock).select, limits or ReadLimits())
    return app


def create_bare_app() -> Flask:
    """An application without pages: plain-text errors, a bound on request bodies, security headers."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.register_error_handler(HTTPException, _plain_error)
    app.after_request(_add_security_headers)
    return app


def _add_incidents(app: Flask, api: IncidentsApi) -> None:
    app.add_url_rule("/alertmanager/webhook", view_func=api.webhook, methods=["POST"])
    # The short address, and that beside the other questions.
    for prefix in ("", "/api/v1"):
        for rule, view, method in (
            ("/incidents", api.incidents, "GET"),
            ("/incidents/<incident_id>", api.incident, "GET"),
            ("/incidents/<incident_id>/report", api.report, "GET"),
            ("/incidents/<incident_id>/feedback", api.feedback, "POST"),
        ):
            app.add_url_rule(prefix + rule, f"{prefix}{rule}", view_func=view, methods=[method])


def add_remote_read(app: Flask, select: Callable[[ReadQuery], SeriesFrame], limits: ReadLimits) -> None:
    """Serve `POST /api/v1/read` from a function that selects samples."""

    def read() -> Response:
        try:
            answer = respond(request.get_data(cache=False), dict(request.headers), select, limits)
        except SeriesLimitExceeded as error:
            return responses.text(str(error), 400)
        response = Response(answer.chunks, answer.status, content_type=answer.content_type)
        if answer.content_encoding:
            response.headers["Content-Encoding"] = answer.content_encoding
        return response

    app.add_url_rule("/api/v1/read", view_func=read, methods=["POST"])


def healthy() -> Response:
    """The process serves."""
    return responses.text("Pronoia is Healthy.")


@dataclass(frozen=True, slots=True)
class _Pages:
    """The views that need to know what runs; fields as in `create_app`."""

    holder: SnapshotHolder
    telemetry: Telemetry
    reload_config: Callable[[], None]
    config_text: Callable[[], str]
    is_stopping: Callable[[], bool]
    clock: Callable[[], float]
    bridge: AlertBridge | None = None

    def status(self) -> str:
        snapshot = self.holder.snapshot(self.clock())
        return render_template(
            "status.html",
            version=__version__,
            risks=at_risk(snapshot),
            is_watching=bool(snapshot.anomalies),
            unusual=unusual(snapshot),
            queries=[each.query for each in snapshot.forecasts],
            incidents=self._incidents(),
            models=model_rows(snapshot, self.telemetry),
            statuses=query_statuses(snapshot),
        )

    def _incidents(self) -> tuple[IncidentRow, ...]:
        """The latest; none where none are kept, or they cannot be read now."""
        if self.bridge is None:
            return ()
        try:
            return incident_rows(self.bridge.store.page(count=_MOST_INCIDENTS)[1])
        except StateError as error:
            _log.error("incidents cannot be shown: %s", error)
            return ()

    def metrics(self) -> Response:
        registry = self.telemetry.registry
        return responses.exposition(lambda form, gzip: (render_registry(registry, form, gzip=gzip),))

    def predictions(self) -> Response:
        page = self.holder.page(self.clock())
        return responses.exposition(lambda form, gzip: page.body(form, gzip=gzip))

    def config(self) -> Response:
        return responses.text(self.config_text().rstrip("\n"))

    def ready(self) -> Response:
        if self.is_stopping():
            response = responses.text("Pronoia is stopping.", 503)
            response.headers["X-Prometheus-Stopping"] = "true"
            return response
        if not self.holder.is_filled:
            return responses.text("Pronoia has no forecast yet.", 503)
        return responses.text("Pronoia is Ready.")

    def reload(self) -> Response:
        try:
            self.reload_config()
        except PronoiaError as error:
            return responses.text(f"failed to reload config: {error}", 500)
        return responses.text("Configuration reloaded.")


def _plain_error(error: HTTPException) -> Response:
    response = responses.text(f"{error.name}: {error.description}", error.code or 500)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _add_security_headers(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
