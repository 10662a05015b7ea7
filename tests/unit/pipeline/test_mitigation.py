"""A webhook is called for an incident that is as good as sure: once, within limits, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.alerting.incidents import Evidence, IncidentBook
from pronoia.alerting.payload import Notice
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.mitigation import MitigationSettings, Mitigator
from pronoia.series import LabelSet
from pronoia.storage.incident_store import SqliteIncidents
from pronoia.transport.settings import UpstreamSettings
from support.receivers import HttpReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_800_000_000.0


class World:
    """Incidents of one probability, and an automation that is called for them."""

    def __init__(self, receiver: HttpReceiver, path: Path) -> None:
        self.receiver, self.path = receiver, path
        self.probability = 0.97
        self.telemetry = Telemetry()
        self.open()

    def open(self) -> None:
        self.store = SqliteIncidents(self.path)
        self.book = IncidentBook(self.store, lambda _: Evidence(self.probability))

    def predict(self, instance: str = "a", *, started: float = NOW, severity: str = "warning") -> str:
        labels = {"alertname": "BottleneckPredicted", "predictive": "true", "instance": instance, "horizon": "30m"}
        labels["severity"] = severity
        self.book.receive([Notice(True, LabelSet(labels), {}, started, 0.0)], NOW)
        return self.store.page()[1][0].id

    def mitigator(self, path: str = "/hook", **changes: object) -> Mitigator:
        url = self.receiver.url + path
        settings = UpstreamSettings("scale", url, timeout_seconds=2.0, max_retries=0)
        wanted: dict[str, object] = {"confidence": 0.95, "max_per_hour": 6, "is_dry": False}
        told = MitigationSettings(((settings, ("BottleneckPredicted",)),), **(wanted | changes))  # type: ignore[arg-type]
        return Mitigator(told, self.store, self.book, self.telemetry, lambda: NOW)

    def outcomes(self) -> list[tuple[bool, str]]:
        return [(is_dry, outcome) for _, _, is_dry, _, outcome, _ in self.store.audit()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with HttpReceiver() as receiver:
        yield World(receiver, tmp_path / "incidents.sqlite")


def test_an_incident_is_acted_upon_once_and_that_is_written_down(world: World) -> None:
    incident = world.predict()
    mitigator = world.mitigator()
    mitigator.round()
    mitigator.round()
    (call,) = world.receiver.received
    assert (call.path, call.body["action"], call.body["incident"]["id"]) == ("/hook", "scale", incident)
    assert world.outcomes() == [(False, "called")]
    assert "mitigation scale: called" in [entry.what for entry in world.store.get(incident).timeline]


def test_a_ticket_is_acted_upon_once_it_is_more_than_that(world: World) -> None:
    incident = world.predict(severity="info")
    mitigator = world.mitigator()
    mitigator.round()
    assert world.receiver.received == []
    assert world.predict(severity="critical") == incident
    mitigator.round()
    assert len(world.receiver.received) == 1


def test_one_that_becomes_as_good_as_sure_is_acted_upon_then(world: World) -> None:
    world.probability = 0.7
    world.predict()
    mitigator = world.mitigator()
    mitigator.round()
    assert world.receiver.received == []
    world.probability = 0.97
    world.predict(severity="emergency")
    mitigator.round()
    (call,) = world.receiver.received
    assert (call.body["incident"]["probability"], call.body["incident"]["highest_probability"]) == (0.7, 0.97)


def test_neither_a_restart_nor_a_crash_in_the_call_makes_a_second(world: World) -> None:
    incident = world.predict()
    world.store.claim(incident, "scale", NOW, is_dry=False)
    world.store.close()
    world.open()
    world.mitigator().round()
    assert world.receiver.received == []


def test_a_rehearsal_calls_nobody_and_does_not_stand_in_the_way_of_the_call(world: World) -> None:
    world.predict()
    world.mitigator(is_dry=True).round()
    assert world.receiver.received == []
    assert world.outcomes() == [(True, "dry_run")]
    world.mitigator().round()
    assert len(world.receiver.received) == 1


@pytest.mark.parametrize("probability", [0.949, None])
def test_what_is_not_sure_is_left(world: World, probability: float | None) -> None:
    world.probability = probability
    world.predict()
    world.mitigator().round()
    assert world.outcomes() == []


def test_what_is_old_or_a_false_alarm_is_left(world: World) -> None:
    world.predict("old", started=NOW - 3601.0)
    world.book.judge(world.predict("false"), "false_alarm", "", NOW)
    world.mitigator().round()
    assert world.outcomes() == []


def test_there_is_a_limit(world: World) -> None:
    for number in range(4):
        world.predict(str(number))
    mitigator = world.mitigator(max_per_hour=2)
    mitigator.round()
    mitigator.round()
    assert len(world.receiver.received) == 2
    assert sorted(world.outcomes()) == [(False, "called")] * 2 + [(False, "rate_limited")] * 2


def test_a_call_that_fails_is_not_tried_again(world: World) -> None:
    world.predict()
    with HttpReceiver() as gone:
        pass
    world.receiver = gone
    mitigator = world.mitigator()
    mitigator.round()
    mitigator.round()
    assert world.outcomes() == [(False, "failed")]


def test_any_2xx_is_a_yes(world: World) -> None:
    world.predict()
    # The receiver answers 202 but for Slack's path.
    world.mitigator("/accepted").round()
    world.predict("b")
    world.mitigator("/slack").round()
    assert world.outcomes() == [(False, "called")] * 2
