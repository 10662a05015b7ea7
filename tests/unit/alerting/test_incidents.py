"""Predicted alerts become incidents, and actual ones tell whether they were right."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pronoia.alerting.incidents import Evidence, IncidentBook
from pronoia.alerting.payload import parse_payload
from pronoia.alerting.report import accuracy, report
from pronoia.storage.incident_store import SqliteIncidents

T0 = 1_800_000_000.0
CPU = {"instance": "db01", "job": "node", "resource": "cpu"}


def message(status: str, name: str, starts: float, ends: float = 0.0, **labels: str) -> bytes:
    """What Alertmanager sends of one alert."""
    predicted = {"predictive": "true", "horizon": "30m", "target": "state", "severity": "warning"}
    alert: dict[str, Any] = {
        "status": status,
        "labels": {"alertname": name, **(predicted if name.endswith("Predicted") else {}), **CPU, **labels},
        "annotations": {"description": "cpu of db01"},
        "startsAt": stamp(starts),
        "endsAt": stamp(ends) if ends else "0001-01-01T00:00:00Z",
        "fingerprint": "f",
        "somethingNew": {"a": [1]},
    }
    return json.dumps({"version": "4", "groupKey": "g", "alerts": [alert], "notification_reason": "new"}).encode()


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


@pytest.fixture
def store():
    return SqliteIncidents(None)


@pytest.fixture
def book(store):
    return IncidentBook(store, lambda _: Evidence(0.83, 1200.0, ("slope_30m",)))


def tell(book: IncidentBook, body: bytes, now: float):
    return book.receive(parse_payload(body), now)


def test_what_comes_true_closes_with_its_lead_time(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    received = tell(book, message("firing", "Bottleneck", T0 + 900, severity="warning"), T0 + 901)
    (incident,) = received.closed
    assert (incident.outcome, incident.lead_seconds) == ("came_true", 900.0)
    assert (incident.probability, incident.causes) == (0.83, ("slope_30m",))
    assert store.get(incident.id) == incident
    assert [entry.what for entry in incident.timeline] == [
        "predicted: warning",
        "Bottleneck fires",
        "closed: came true",
    ]


def test_what_has_come_before_changes_nothing(book, store) -> None:
    body = message("firing", "BottleneckPredicted", T0)
    assert tell(book, body, T0 + 1).n_firing == 1
    again = tell(book, body, T0 + 2)
    assert (again.n_firing, again.n_duplicates) == (0, 1)
    assert store.page()[0] == 1


def test_several_severities_are_one_incident(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("firing", "BottleneckPredicted", T0 + 60, severity="critical"), T0 + 61)
    total, (incident,) = store.page()
    assert (total, incident.severity) == (1, "critical")


def test_it_goes_on_while_a_lower_severity_does_and_ends_with_the_last(book) -> None:
    """The lower one was told before the higher one, and is not told again when that ends."""
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("firing", "BottleneckPredicted", T0 + 60, severity="critical"), T0 + 61)
    tell(book, message("resolved", "BottleneckPredicted", T0 + 60, T0 + 600, severity="critical"), T0 + 601)
    assert book.expire(T0 + 600 + 1801) == ()
    tell(book, message("resolved", "BottleneckPredicted", T0, T0 + 3_000), T0 + 3_001)
    # What comes late says nothing new.
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 3_100)
    (incident,) = book.expire(T0 + 3_000 + 1801)
    assert (incident.outcome, incident.severity) == ("expired", "critical")


def test_an_incident_of_before_severities_were_told_apart_ends_with_the_first(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    (incident,) = store.open_incidents()
    store.save(replace(incident, firing=()))
    tell(book, message("resolved", "BottleneckPredicted", T0, T0 + 600), T0 + 601)
    assert [each.outcome for each in book.expire(T0 + 600 + 1801)] == ["expired"]


def test_what_does_not_happen_expires_once_its_time_has_passed(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("resolved", "BottleneckPredicted", T0, T0 + 600), T0 + 601)
    assert book.expire(T0 + 600 + 1799) == ()
    (incident,) = book.expire(T0 + 600 + 1801)
    assert incident.outcome == "expired"
    assert incident.was_right is False


def test_an_alert_that_lasts_does_not_expire_and_one_that_nobody_speaks_of_is_lost(book) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 80_000)
    assert book.expire(T0 + 90_000) == ()
    (incident,) = book.expire(T0 + 80_001 + 86_400)
    assert (incident.outcome, incident.was_right) == ("lost", None)


def test_what_was_so_already_is_late(book) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    (incident,) = tell(book, message("firing", "Bottleneck", T0 - 60), T0 + 2).closed
    assert (incident.outcome, incident.lead_seconds, incident.was_right) == ("late", None, None)


def anomaly(status: str, starts: float, ends: float = 0.0) -> bytes:
    return message(status, "SystemUnusual", starts, ends, stem="anomaly", severity="warning", system="node")


def test_an_anomaly_is_an_incident_that_is_neither_right_nor_wrong_until_somebody_says_so(book, store) -> None:
    tell(book, anomaly("firing", T0), T0 + 1)
    (incident,) = store.open_incidents()
    assert (incident.severity, incident.causes, incident.is_prediction) == ("warning", ("slope_30m",), False)
    tell(book, anomaly("resolved", T0, T0 + 600), T0 + 601)
    (ended,) = book.expire(T0 + 600 + 3_601)
    assert (ended.outcome, ended.was_right) == ("ended", None)
    assert [entry.what for entry in ended.timeline] == ["told: warning", "resolved", "closed: ended"]
    assert "# SystemUnusual: is over" in report(ended, [ended])
    assert "* Told at 2027-01-15 08:00:00 UTC\n" in report(ended, [ended])
    assert [book.judge(ended.id, verdict, "", T0).was_right for verdict in ("useful", "false_alarm")] == [True, False]


def test_an_anomaly_that_comes_again_within_the_hour_is_the_same_incident(book, store) -> None:
    tell(book, anomaly("firing", T0), T0 + 1)
    tell(book, anomaly("resolved", T0, T0 + 600), T0 + 601)
    assert book.expire(T0 + 2_000) == ()
    tell(book, anomaly("firing", T0 + 2_100), T0 + 2_101)
    assert book.expire(T0 + 10_000) == ()
    assert store.page()[0] == 1


@pytest.mark.parametrize("other", [{"instance": "db02"}, {"resource": "memory"}, {"cluster": "b"}])
def test_an_alert_on_something_else_proves_nothing(book, other: dict[str, str]) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    assert tell(book, message("firing", "Bottleneck", T0 + 60, **other), T0 + 61).closed == ()


def test_while_it_goes_on_no_new_incident_begins_and_afterwards_one_does(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("firing", "Bottleneck", T0 + 60), T0 + 61)
    tell(book, message("firing", "BottleneckPredicted", T0 + 120), T0 + 121)
    assert store.page()[0] == 1
    tell(book, message("resolved", "Bottleneck", T0 + 60, T0 + 300), T0 + 301)
    tell(book, message("firing", "BottleneckPredicted", T0 + 600), T0 + 601)
    assert store.page()[0] == 2


def test_a_persons_word_outweighs_what_was_measured(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    (incident,) = tell(book, message("firing", "Bottleneck", T0 + 60), T0 + 61).closed
    judged = book.judge(incident.id, "false_alarm", "the backup, as always", T0 + 900)
    assert judged.was_right is False
    assert accuracy(store.judged())["BottleneckPredicted"].precision == 0.0
    assert book.judge("nothing", "useful", "", T0) is None


def test_the_report_tells_all_of_it(book, store) -> None:
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    (incident,) = tell(book, message("firing", "Bottleneck", T0 + 1500), T0 + 1501).closed
    text = report(book.judge(incident.id, "useful", "a | b\nc", T0 + 1600), store.judged())
    for part in (
        "# BottleneckPredicted: came true",
        "* Probability: 83%",
        "* Causes: slope_30m",
        "* Lead time: 25 min",
        "* Off the time thought to be left by: 5 min",
        "* Said of it: useful: a \\| b c",
        "| of this subject | 1 | 0 | 100% | 25 min |",
    ):
        assert part in text


def test_the_report_tells_how_sure_it_became(store) -> None:
    probabilities = iter((0.62, 0.96))
    book = IncidentBook(store, lambda _: Evidence(next(probabilities)))
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    tell(book, message("firing", "BottleneckPredicted", T0 + 60, severity="emergency"), T0 + 61)
    (incident,) = store.open_incidents()
    assert "* Probability: 62%, later 96%\n" in report(incident, [])


def test_incidents_survive_a_restart_and_are_forgotten_in_time(tmp_path) -> None:
    store = SqliteIncidents(tmp_path / "incidents.sqlite")
    book = IncidentBook(store, lambda _: None)
    tell(book, message("firing", "BottleneckPredicted", T0), T0 + 1)
    store.close()
    store = SqliteIncidents(tmp_path / "incidents.sqlite")
    book = IncidentBook(store, lambda _: None)
    assert tell(book, message("firing", "BottleneckPredicted", T0), T0 + 2).n_duplicates == 1
    (incident,) = tell(book, message("firing", "Bottleneck", T0 + 60), T0 + 61).closed
    assert (tmp_path / "incidents.sqlite").stat().st_mode & 0o777 == 0o600
    assert store.prune(T0 + 62, T0 + 62) == 1
    assert store.get(incident.id) is None
