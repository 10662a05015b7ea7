"""The webhook lets in whom it should, answers what Alertmanager needs to hear, and incidents can be asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pronoia.config.load import parse
from pronoia.errors import StateError
from pronoia.exposition.negotiation import ExpositionFormat
from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.scrape import render_registry
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.alert_bridge import AlertBridge
from pronoia.pipeline.holder import Holder
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from pronoia.web.app import create_app
from support.risks import anomaly_watch, bottleneck_risk

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

NOW = 1_700_000_000.0
CONFIG = """
alert_bridge:
  webhook: {token: s3cr3t, max_size: 64KiB}
"""
BEARER = {"Authorization": "Bearer s3cr3t"}


class Bridged:
    """An application with a bridge behind it, and what it counted."""

    def __init__(self, config: str = CONFIG, directory: Path | None = None) -> None:
        self.telemetry = Telemetry()
        self.holder = Holder(PredictionRenderer(10_000, lambda _: None).render)
        self.holder.publish(Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW),)), NOW)
        self.bridge = AlertBridge(
            parse(config, "t.yml", directory=directory), None, self.holder.snapshot, self.telemetry, lambda: NOW
        )
        app = create_app(
            self.holder,
            self.telemetry,
            reload=lambda: None,
            config_text=lambda: "",
            bridge=self.bridge,
            clock=lambda: NOW,
        )
        self.client: FlaskClient = app.test_client()

    def metric(self, name: str, **labels: str) -> float | None:
        text = render_registry(self.telemetry.registry, ExpositionFormat.TEXT, gzip=False).decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None

    def post(self, body: bytes, **headers: str):
        return self.client.post("/alertmanager/webhook", data=body, headers=headers or BEARER)


@pytest.fixture
def bridged() -> Bridged:
    return Bridged()


def message(name: str = "BottleneckPredicted", starts: str = "2023-11-14T22:00:00Z", **labels: str) -> bytes:
    predicted = {"predictive": "true", "horizon": "30m", "target": "state"} if name.endswith("Predicted") else {}
    told = {"alertname": name, "instance": "a", "resource": "cpu", "severity": "warning", "cluster": "eu"}
    alert = {"status": "firing", "labels": told | predicted | labels, "startsAt": starts, "annotations": {}}
    return json.dumps({"version": "4", "alerts": [alert]}).encode()


def test_an_incident_knows_what_was_predicted_when_it_was_told(bridged: Bridged) -> None:
    assert bridged.post(message()).status_code == 200
    (told,) = bridged.client.get("/incidents").get_json()["data"]["incidents"]
    assert (told["state"], told["probability"], told["eta_seconds"]) == ("open", 0.7, 1200.0)
    assert told["causes"][0] == "the load 5 minutes ago"
    assert bridged.metric("pronoia_incidents_open") == 1.0


def test_it_closes_with_its_lead_time_and_counts(bridged: Bridged) -> None:
    bridged.post(message())
    bridged.post(message("Bottleneck", "2023-11-14T22:10:00Z"))
    (told,) = bridged.client.get("/api/v1/incidents?state=came_true").get_json()["data"]["incidents"]
    assert (told["outcome"], told["lead_seconds"]) == ("came_true", 600.0)
    assert bridged.metric("pronoia_incident_precision_ratio", alert="BottleneckPredicted") == 1.0
    assert bridged.metric("pronoia_incident_lead_seconds", alert="BottleneckPredicted") == 600.0
    assert bridged.metric("pronoia_incidents_closed_total", outcome="came_true") == 1.0
    text = bridged.client.get(f"/incidents/{told['id']}/report")
    assert text.content_type.startswith("text/markdown")
    assert "Lead time: 10 min" in text.text


def test_the_same_message_is_counted_and_changes_nothing(bridged: Bridged) -> None:
    assert [bridged.post(message()).status_code for _ in range(3)] == [200, 200, 200]
    assert bridged.client.get("/incidents").get_json()["data"]["total"] == 1
    assert bridged.metric("pronoia_webhook_duplicates_total") == 2.0
    assert bridged.metric("pronoia_webhook_alerts_total", status="firing") == 1.0


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (message(), {"X-No": "token"}, 401, "unauthenticated"),
        (message(), {"Authorization": "Bearer wrong"}, 401, "unauthenticated"),
        (message(), {"Authorization": "Basic czNjcjN0"}, 401, "unauthenticated"),
        (b"{", BEARER, 400, "malformed"),
        (b'{"version": "5", "alerts": []}', BEARER, 400, "version"),
        (b" " * 70_000, BEARER, 413, "too_large"),
    ],
)
def test_what_is_refused_is_counted_by_reason(
    bridged: Bridged, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    assert bridged.post(body, **headers).status_code == status
    assert bridged.metric("pronoia_webhook_rejected_total", reason=reason) == 1.0
    assert bridged.client.get("/incidents").get_json()["data"]["total"] == 0


def test_without_a_token_nobody_is_let_in_but_users_of_the_web_configuration() -> None:
    bridged = Bridged("presets: [node-exporter]")
    assert bridged.post(message(), Authorization="Bearer ").status_code == 401
    reply = bridged.client.post("/alertmanager/webhook", data=message(), environ_overrides={"REMOTE_USER": "am"})
    assert reply.status_code == 200


def test_a_token_in_a_file_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one\n")
    bridged = Bridged("alert_bridge: {webhook: {token_file: token}}", tmp_path)
    assert bridged.post(message(), Authorization="Bearer one").status_code == 200
    (tmp_path / "token").write_text("two\n")
    assert bridged.post(message(), Authorization="Bearer one").status_code == 401


def test_a_wrong_token_is_told_from_none(bridged: Bridged) -> None:
    assert bridged.post(message(), Authorization="Bearer wrong").text == "the token is wrong\n"
    assert bridged.post(message(), Authorization="Basic czNjcjN0").text == "a bearer token is needed\n"


def test_while_the_file_of_the_token_cannot_be_read_messages_are_sent_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bridged = Bridged("alert_bridge: {webhook: {token_file: token}}", tmp_path)
    for make in (lambda path: None, lambda path: path.write_text("\n"), lambda path: path.write_bytes(b"\xff")):
        make(tmp_path / "token")
        reply = bridged.post(message(), Authorization="Bearer one")
        assert (reply.status_code, str(tmp_path) in reply.text) == (503, False)
        assert str(tmp_path / "token") in caplog.messages[-1]
    assert bridged.metric("pronoia_webhook_rejected_total", reason="token_unreadable") == 3.0
    verdict = {"verdict": "useful"}
    said = bridged.client.post("/incidents/x/feedback", json=verdict, headers={"Authorization": "Bearer x"})
    assert said.status_code == 503
    (tmp_path / "token").write_text("one\n")
    assert bridged.post(message(), Authorization="Bearer one").status_code == 200


def test_what_cannot_be_kept_is_asked_for_again(bridged: Bridged, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StateError("disk is full")

    monkeypatch.setattr(bridged.bridge.store, "save", full)
    assert bridged.post(message()).status_code == 503
    monkeypatch.undo()
    assert bridged.post(message()).status_code == 200
    assert bridged.client.get("/incidents").get_json()["data"]["total"] == 1
    assert bridged.metric("pronoia_webhook_rejected_total", reason="store") == 1.0


def test_a_false_alarm_mutes_its_subject_and_no_other(bridged: Bridged) -> None:
    bridged.post(message())
    (told,) = bridged.client.get("/incidents").get_json()["data"]["incidents"]
    said = {"verdict": "false_alarm", "note": "the backup"}
    reply = bridged.client.post(f"/incidents/{told['id']}/feedback", json=said, headers=BEARER)
    assert reply.get_json()["data"]["verdict"] == "false_alarm"
    shown = Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW), bottleneck_risk(NOW, resource="memory")))
    muted = bridged.bridge.muted_in(shown, NOW)
    assert muted == {"bottleneck:cpu": frozenset({LabelSet({"instance": "a"})})}
    assert bridged.bridge.muted_in(shown, NOW + 8 * 86_400) == {}
    page = PredictionRenderer(10_000, lambda _: None).render(replace(shown, muted=muted), NOW)
    assert 'pronoia_bottleneck_muted{resource="cpu",instance="a"} 1\n' in page.text.decode()
    assert page.text.decode().count("pronoia_bottleneck_muted{") == 1


def test_an_anomaly_called_a_false_alarm_mutes_its_system_and_not_what_is_predicted_of_it(bridged: Bridged) -> None:
    watch = anomaly_watch(NOW)
    bridged.holder.publish(Snapshot(NOW, anomalies=(watch,)), NOW)
    bridged.post(message("SystemUnusual", stem="anomaly", system="node", instance="b", resource=""))
    (told,) = bridged.client.get("/incidents").get_json()["data"]["incidents"]
    assert (told["alert"], told["causes"]) == ("SystemUnusual", ['disk{device="sda"}'])
    said = {"verdict": "false_alarm"}
    assert bridged.client.post(f"/incidents/{told['id']}/feedback", json=said, headers=BEARER).status_code == 200
    shown = Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW),), anomalies=(watch, anomaly_watch(NOW, name="pod")))
    assert bridged.bridge.muted_in(shown, NOW) == {"anomaly:node": frozenset({LabelSet({"instance": "b"})})}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/incidents/x/feedback", b'{"verdict": "useful"}', {}, 401),
        ("/incidents/x/feedback", b'{"verdict": "useful"}', BEARER, 404),
        ("/incidents/x/feedback", b'{"verdict": "splendid"}', BEARER, 400),
        ("/incidents/x/feedback", b'{"verdict": ["useful"]}', BEARER, 400),
        ("/incidents/x/feedback", b'{"verdict": "useful", "note": "\\ud800"}', BEARER, 400),
        ("/incidents/x/feedback", b"[" * 50_000, BEARER, 400),
        ("/incidents/x/feedback", b" " * 100_000, BEARER, 400),
    ],
)
def test_feedback_that_cannot_be_taken_is_refused(
    bridged: Bridged, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = bridged.client.post(path, data=body, headers=headers)
    assert (reply.status_code, reply.get_json()["status"]) == (status, "error")


@pytest.mark.parametrize("path", ["/incidents?state=gone", "/incidents?a=1", "/incidents?limit=x"])
def test_parameters_that_are_not_known_are_refused(bridged: Bridged, path: str) -> None:
    assert bridged.client.get(path).status_code == 400


def test_incidents_that_there_are_not(bridged: Bridged) -> None:
    assert bridged.client.get("/incidents/nothing").status_code == 404
    assert bridged.client.get("/incidents/nothing/report").status_code == 404


def test_the_status_page_lists_the_latest_and_does_without_them_when_they_cannot_be_read(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Latest incidents" not in bridged.client.get("/").text
    bridged.post(message())
    (told,) = bridged.client.get("/incidents").get_json()["data"]["incidents"]
    page = bridged.client.get("/").text
    assert "Latest incidents" in page
    assert f'href="incidents/{told["id"]}/report"' in page

    def full(**_: object) -> None:
        raise StateError("disk is full")

    monkeypatch.setattr(bridged.bridge.store, "page", full)
    reply = bridged.client.get("/")
    assert reply.status_code == 200
    assert "Latest incidents" not in reply.text
