"""Incidents as lines of the status page."""

from __future__ import annotations

from dataclasses import replace

from pronoia.predictions.incident import Incident
from pronoia.series import LabelSet
from pronoia.web.incident_rows import incident_rows

OPEN = Incident(
    "abc", "BottleneckPredicted", "warning", LabelSet({"instance": "a", "resource": "cpu"}), ("Bottleneck",), 1800.0,
    1_700_000_000.0, 1_700_000_060.0, probability=0.72,
)  # fmt: skip


def test_an_open_incident_says_whom_it_is_of_and_how_sure_it_was() -> None:
    (row,) = incident_rows([OPEN])
    assert (row.alert, row.whom, row.probability) == ("BottleneckPredicted", "instance=a, resource=cpu", "72%")
    assert (row.predicted, row.outcome, row.verdict) == ("2023-11-14 22:13:20 UTC", "open", "")


def test_a_closed_one_says_what_came_and_what_people_said() -> None:
    true = replace(OPEN, outcome="came_true", came_true_at_seconds=1_700_001_200.0, closed_at_seconds=1_700_001_200.0)
    false = replace(OPEN, outcome="expired", verdict="false_alarm", probability=None)
    first, second = incident_rows([true, false])
    assert first.outcome == "came true, 20m later"
    assert (second.outcome, second.verdict, second.probability) == ("did not happen", "false alarm", "")
