"""Alerts posted to a real cluster of Alertmanagers, one of which goes away, and comes back empty.

Time is compressed: a round is half a second instead of a minute, so that the six seconds without an Alertmanager are
twelve rounds, as twelve minutes are otherwise. PRONOIA_RESEND_SECONDS=50 has it gone for ten minutes for real.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pronoia.alerting.plan import AlertPlan, PlannedRule
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.alert_pusher import AlertPusher
from pronoia.predictions.snapshot import Snapshot
from pronoia.storage.incident_store import SqliteIncidents
from pronoia.transport.settings import UpstreamSettings
from support.exporters import Alertmanager
from support.processes import free_port, wait_for
from support.receivers import HttpReceiver
from support.risks import bottleneck_risk

if TYPE_CHECKING:
    from pathlib import Path

RESEND_SECONDS = float(os.environ.get("PRONOIA_RESEND_SECONDS", "0.5"))
#: What comes with the next round comes within this.
WAIT_SECONDS = 20.0 + 2.0 * RESEND_SECONDS
RULE = PlannedRule(
    "cpu",
    "bottleneck_probability",
    ">",
    0.6,
    ("webhook",),
    "immediate",
    "warning",
    horizon="30m",
    hold_seconds=0,
    keep_firing_seconds=0,
)


class World:
    """What is predicted now, and who pushes it."""

    def __init__(self, folder: Path, alertmanagers: list[Alertmanager]) -> None:
        self.is_stale = False
        self.has_risk = True
        self.telemetry = Telemetry()
        self._folder = folder
        self._settings = [
            UpstreamSettings(each.url, each.url, timeout_seconds=1.0, connect_timeout_seconds=1.0)
            for each in alertmanagers
        ]

    def snapshot(self, now_seconds: float) -> Snapshot:
        if self.is_stale:
            return Snapshot(now_seconds)
        risk = bottleneck_risk(now_seconds)
        point = risk.probability * (1.0 if self.has_risk else 0.1)
        return Snapshot(now_seconds, bottlenecks=(bottleneck_risk(now_seconds, probability=point, lower=0.9 * point),))

    def pusher(self) -> AlertPusher:
        return AlertPusher(
            AlertPlan("t.yml", (RULE,)),
            self._settings,
            resend_seconds=RESEND_SECONDS,
            snapshot=self.snapshot,
            store=SqliteIncidents(self._folder / "incidents.sqlite"),
            telemetry=self.telemetry,
        )


def config(receiver: HttpReceiver) -> str:
    return (
        "route: {receiver: r, group_by: ['...'], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}\n"
        f"receivers: [{{name: r, webhook_configs: [{{url: '{receiver.url}/am', send_resolved: true}}]}}]\n"
    )


def alerts(alertmanager: Alertmanager) -> list[dict[str, Any]]:
    return list(requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json())


def cluster(folder: Path, receiver: HttpReceiver) -> list[Alertmanager]:
    ports = [free_port(), free_port()]
    flags = [
        [
            f"--cluster.listen-address=127.0.0.1:{own}",
            f"--cluster.advertise-address=127.0.0.1:{own}",
            f"--cluster.peer=127.0.0.1:{other}",
            "--cluster.settle-timeout=2s",
            "--cluster.peer-timeout=2s",
            "--cluster.gossip-interval=100ms",
            "--cluster.reconnect-interval=500ms",
        ]
        for own, other in (ports, ports[::-1])
    ]
    return [Alertmanager(folder / name, config(receiver), each) for name, each in zip("ab", flags, strict=True)]


@pytest.mark.paced
@pytest.mark.slow
@pytest.mark.timeout(240 + 60 * RESEND_SECONDS)
def test_nothing_is_lost_and_nothing_comes_twice(real_servers: None, tmp_path: Path) -> None:
    with HttpReceiver() as receiver:
        first, second = cluster(tmp_path, receiver)
        world = World(tmp_path, [first, second])
        pusher = world.pusher()
        first.start()
        second.start()
        try:
            pusher.start()
            for each in (first, second):
                wait_for(lambda each=each: alerts(each), f"alert in {each.url}", WAIT_SECONDS)
            (told,) = alerts(first)
            wait_for(lambda: receiver.received, "message to the receiver", WAIT_SECONDS)

            # One goes away, with all it knew; the other goes on and gets every round.
            first.stop()
            shutil.rmtree(first.folder / "alertmanager-data", ignore_errors=True)
            time.sleep(12 * RESEND_SECONDS)
            assert alerts(second)[0]["fingerprint"] == told["fingerprint"]
            first.start()
            wait_for(lambda: alerts(first), "alert in the one that came back empty", WAIT_SECONDS)
            assert alerts(first)[0]["startsAt"] == told["startsAt"]

            # Pronoia restarts: the alert is the same one.
            pusher.stop()
            pusher = world.pusher()
            pusher.start()
            time.sleep(4 * RESEND_SECONDS)
            assert [len(alerts(each)) for each in (first, second)] == [1, 1]
            assert alerts(second)[0]["startsAt"] == told["startsAt"]
            time.sleep(4.0)
            assert len([each for each in receiver.received if each.body["status"] == "firing"]) == 1

            # It ends: both are told so.
            world.has_risk = False
            wait_for(
                lambda: any(each.body["status"] == "resolved" for each in receiver.received), "resolved", WAIT_SECONDS
            )
            wait_for(lambda: not alerts(first) and not alerts(second), "end of the alert", WAIT_SECONDS)
        finally:
            pusher.stop()
            first.stop()
            second.stop()
    requests_of_first = world.telemetry.registry.get_sample_value(
        "pronoia_push_requests_total", {"alertmanager": first.url, "code": "unreachable"}
    )
    assert requests_of_first
    assert world.telemetry.registry.get_sample_value(
        "pronoia_push_retries_total", {"alertmanager": first.url, "reason": "unreachable"}
    )


@pytest.mark.slow
def test_a_stale_snapshot_is_silence(real_servers: None, tmp_path: Path) -> None:
    with HttpReceiver() as receiver, Alertmanager(tmp_path / "a", config(receiver)) as alertmanager:
        world = World(tmp_path, [alertmanager])
        pusher = world.pusher()
        pusher.start()
        try:
            wait_for(lambda: alerts(alertmanager), "alert", 20)
            world.is_stale = True
            # Alertmanager ends by itself what it has not heard of for four rounds.
            wait_for(lambda: not alerts(alertmanager), "end of the alert", 20)
            world.is_stale = False
            wait_for(lambda: alerts(alertmanager), "alert again", 20)
        finally:
            pusher.stop()
