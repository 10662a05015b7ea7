"""The exporter's HTTP surface answers as the Prometheus family does."""

from __future__ import annotations

import gzip
import logging
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from pronoia.errors import ConfigError, ConfigProblem

from .conftest import NOW, query_forecast

if TYPE_CHECKING:
    from .conftest import Exporter

PROMETHEUS_ACCEPT = (
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def test_predictions_are_text_by_default(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    response = exporter.client.get("/predictions")
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert response.content_length == len(response.data)
    samples = {f.name: f.samples for f in parse_text(response.text)}["pronoia_forecast"]
    assert len(samples) == 2 * 4


def test_prometheus_gets_openmetrics_compressed(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    headers = {"Accept": PROMETHEUS_ACCEPT, "Accept-Encoding": "gzip"}
    response = exporter.client.get("/predictions", headers=headers)
    assert response.content_type.startswith("application/openmetrics-text; version=1.0.0;")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    families = {f.name for f in parse_openmetrics(gzip.decompress(response.data).decode())}
    assert {"pronoia_forecast", "pronoia_forecast_lower", "pronoia_query_info"} <= families


def test_forecasts_are_withdrawn_when_they_are_too_old_and_not_before(exporter: Exporter) -> None:
    exporter.publish(query_forecast("old", max_age=600), query_forecast("young", max_age=900))
    exporter.now = NOW + 600
    assert 'query="old"' in exporter.client.get("/predictions").text
    exporter.now = NOW + 600.1
    shown = exporter.client.get("/predictions").text
    assert 'query="old"' not in shown
    assert 'query="young"' in shown
    exporter.now = NOW + 901
    assert "query=" not in exporter.client.get("/predictions").text


@pytest.mark.parametrize("accept", ["text/plain", PROMETHEUS_ACCEPT])
@pytest.mark.parametrize("path", ["/metrics", "/predictions"])
def test_head_has_the_headers_and_no_body(exporter: Exporter, path: str, accept: str) -> None:
    exporter.publish(query_forecast())
    response = exporter.client.head(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) > 0
    assert response.data == b""


def test_metrics_are_pronoias_own(exporter: Exporter) -> None:
    response = exporter.client.get("/metrics")
    names = {family.name for family in parse_text(response.text)}
    assert {"pronoia_build_info", "process_resident_memory_bytes", "python_info"} <= names
    assert "pronoia_forecast" not in names


def test_it_is_healthy_from_the_start_and_ready_with_the_first_snapshot(exporter: Exporter) -> None:
    assert exporter.client.get("/-/healthy").status_code == 200
    assert exporter.client.get("/-/ready").status_code == 503
    exporter.publish()
    assert exporter.client.get("/-/ready").status_code == 200
    exporter.stopping = True
    response = exporter.client.get("/-/ready")
    assert (response.status_code, response.headers["X-Prometheus-Stopping"]) == (503, "true")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_reload_says_whether_it_worked_and_why_not(exporter: Exporter, method: str) -> None:
    exporter.reloads = [None, ConfigError([ConfigProblem("queries[0].expr", "is missing")], "pronoia.yml")]
    assert exporter.client.open("/-/reload", method=method).status_code == 200
    refused = exporter.client.open("/-/reload", method=method)
    assert refused.status_code == 500
    assert refused.text.startswith("failed to reload config: pronoia.yml: 1 problem")
    assert "queries[0].expr: is missing" in refused.text


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/-/reload", "GET", {"POST", "PUT", "OPTIONS"}),
        ("/metrics", "POST", {"GET", "HEAD", "OPTIONS"}),
        ("/api/v1/read", "GET", {"POST", "OPTIONS"}),
    ],
)
def test_other_methods_are_refused_with_those_allowed(
    exporter: Exporter, path: str, method: str, allowed: set[str]
) -> None:
    response = exporter.client.open(path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert response.content_type == "text/plain; charset=utf-8"


def test_a_defect_is_told_to_the_log_and_not_to_the_client(
    exporter: Exporter, caplog: pytest.LogCaptureFixture
) -> None:
    exporter.reloads = [RuntimeError("secret detail")]
    with caplog.at_level(logging.ERROR):
        response = exporter.client.post("/-/reload")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text
    assert "secret detail" in caplog.text


def test_the_configuration_is_shown_as_text(exporter: Exporter) -> None:
    response = exporter.client.get("/config")
    assert response.text == "upstreams:\n- url: http://prometheus:9090\n"
    assert response.content_type.startswith("text/plain")


def test_the_status_page_tells_how_queries_are_doing_and_escapes_their_names(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    page = exporter.client.get("/").text
    assert '<th scope="row">cpu</th><td data-label="Series">2</td><td data-label="State">ok</td>' in page
    assert ">naive 2</td>" in page
    assert ">analogs 75%, persistence 25%</td>" in page
    assert 'href="api/v1/forecasts"' in page
    assert "read: no answer within 30s" in page
    assert "disk&lt;script&gt;" in page
    assert "<script>" not in page
    for asset in ("status.css", "status.js", "uPlot.iife.min.js", "uPlot.min.css"):
        assert f"/static/{asset}" in page
        assert exporter.client.get(f"/static/{asset}").status_code == 200


def test_every_answer_carries_security_headers(exporter: Exporter) -> None:
    for path in ("/", "/metrics", "/nowhere"):
        headers = exporter.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_request_body_over_the_limit_is_refused(exporter: Exporter) -> None:
    response = exporter.client.post("/api/v1/read", data=b"", environ_overrides={"CONTENT_LENGTH": str(2**25 + 1)})
    assert response.status_code == 413
