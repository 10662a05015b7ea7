"""What is posted lasts as long as its condition, keeps its identity, and says nothing of what is not known."""

from __future__ import annotations

from pronoia.alerting.push import Candidate, PushedAlerts
from pronoia.series import LabelSet

T0 = 1_800_000_000.0
KNOWN = frozenset({"bottleneck:cpu"})
START, LATER = "2027-01-15T08:02:00.000+00:00", "2027-01-15T08:12:00.000+00:00"


def candidate(*, is_true: bool = True, text: str = "0.9") -> Candidate:
    labels = LabelSet({"alertname": "A", "instance": "a"})
    return Candidate(labels, {"probability": text}, "bottleneck:cpu", is_true, 120.0, 600.0)


def test_an_alert_is_told_once_its_condition_has_held() -> None:
    alerts = PushedAlerts()
    for seconds in (0, 60):
        alerts.update([candidate()], KNOWN, T0 + seconds)
        assert alerts.payload(KNOWN, T0 + seconds, 60.0) == []
    alerts.update([candidate(text="0.93")], KNOWN, T0 + 120)
    (told,) = alerts.payload(KNOWN, T0 + 120, 60.0)
    assert told["labels"] == {"alertname": "A", "instance": "a"}
    assert told["annotations"] == {"probability": "0.93"}
    assert (told["startsAt"], told["endsAt"]) == (START, "2027-01-15T08:06:00.000+00:00")


def test_one_that_does_not_last_is_never_told() -> None:
    alerts = PushedAlerts()
    alerts.update([candidate()], KNOWN, T0)
    alerts.update([], KNOWN, T0 + 60)
    alerts.update([candidate()], KNOWN, T0 + 130)
    assert alerts.payload(KNOWN, T0 + 130, 60.0) == []


def firing() -> PushedAlerts:
    alerts = PushedAlerts()
    alerts.update([candidate()], KNOWN, T0)
    alerts.update([candidate()], KNOWN, T0 + 120)
    return alerts


def test_it_survives_a_dip_and_is_resolved_afterwards_and_then_forgotten() -> None:
    alerts = firing()
    alerts.update([candidate(is_true=False)], KNOWN, T0 + 180)
    assert alerts.payload(KNOWN, T0 + 180, 60.0)[0]["startsAt"] == START
    assert alerts.n_firing == 1
    alerts.update([], KNOWN, T0 + 720)
    (told,) = alerts.payload(KNOWN, T0 + 730, 60.0)
    assert (told["startsAt"], told["endsAt"]) == (START, LATER)
    assert alerts.n_firing == 0
    alerts.update([], KNOWN, T0 + 720 + 901)
    assert alerts.payload(KNOWN, T0 + 1700, 60.0) == []


def test_it_is_the_same_alert_after_a_restart() -> None:
    alerts = PushedAlerts(firing().to_document())
    alerts.update([candidate()], KNOWN, T0 + 5000)
    (told,) = alerts.payload(KNOWN, T0 + 5000, 60.0)
    assert told["startsAt"] == START


def test_nothing_is_said_while_nothing_is_known() -> None:
    alerts = firing()
    alerts.update([], frozenset(), T0 + 5000)
    assert alerts.payload(frozenset(), T0 + 5000, 60.0) == []
    # Neither is it taken back: it goes on when there is news.
    alerts.update([candidate()], KNOWN, T0 + 6000)
    assert alerts.payload(KNOWN, T0 + 6000, 60.0)[0]["startsAt"] == START


def test_what_begins_again_is_another_alert() -> None:
    alerts = firing()
    alerts.update([], KNOWN, T0 + 720)
    alerts.update([candidate()], KNOWN, T0 + 780)
    alerts.update([candidate()], KNOWN, T0 + 900)
    (told,) = alerts.payload(KNOWN, T0 + 900, 60.0)
    assert told["startsAt"] == "2027-01-15T08:15:00.000+00:00"
