"""What is unusual, as exposition text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pronoia.exposition.predictions import PredictionRenderer
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from support.risks import anomaly_watch

NOW = 1_700_000_000.0


def page(**changes) -> str:
    shown = Snapshot(NOW, anomalies=(anomaly_watch(NOW),), **changes)
    return PredictionRenderer(10_000, lambda _: None).render(shown, NOW).text.decode()


def lines(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(name + "{")]


def test_scores_are_told_of_those_that_have_one():
    assert lines(page(), "pronoia_anomaly_score") == [
        'pronoia_anomaly_score{system="node",instance="a"} 0.25',
        'pronoia_anomaly_score{system="node",instance="b"} 2.5',
    ]
    assert lines(page(), "pronoia_anomaly_since_timestamp_seconds") == [
        'pronoia_anomaly_since_timestamp_seconds{system="node",instance="b"} 1699999400'
    ]


def test_labels_that_rules_set_do_not_tell_series_apart():
    """Alerts on two such series would be one and the same, which costs a server all alerts of the rule."""
    watch = anomaly_watch(NOW)
    labels = tuple(LabelSet({"severity": each, "alertname": "Log", "stem": "x"}) for each in ("a", "b", "c"))
    shown = Snapshot(NOW, anomalies=(replace(watch, labels=labels, quiet=frozenset()),))
    told = lines(PredictionRenderer(10_000, lambda _: None).render(shown, NOW).text.decode(), "pronoia_anomaly_score")
    assert told == [
        f'pronoia_anomaly_score{{system="node",exported_alertname="Log",exported_severity="{severity}",'
        f'exported_stem="x"}} {score}'
        for severity, score in (("a", 0.25), ("b", 2.5))
    ]


def test_causes_are_told_of_what_is_beyond_the_line_and_negative_where_too_low():
    assert lines(page(), "pronoia_anomaly_contribution_ratio") == [
        r'pronoia_anomaly_contribution_ratio{system="node",metric="disk{device=\"sda\"}",instance="b"} -0.9'
    ]


def test_what_is_expected_is_told_of_each_metric():
    told = lines(page(), "pronoia_anomaly_expected_upper")
    assert 'pronoia_anomaly_expected_upper{system="node",metric="cpu",instance="a"} 0.6' in told
    assert len(told) == 4


def test_mutes_of_the_configuration_and_of_people_are_both_told():
    muted = {"anomaly:node": frozenset({LabelSet({"instance": "b"})})}
    assert len(lines(page(muted=muted), "pronoia_anomaly_muted")) == 2
    assert lines(page(), "pronoia_anomaly_muted") == ['pronoia_anomaly_muted{system="node",instance="a"} 1']


def test_a_label_of_the_source_gives_way_to_ours():
    watch = anomaly_watch(NOW, labels=tuple(LabelSet({"system": name}) for name in "abc"))
    text = PredictionRenderer(10_000, lambda _: None).render(Snapshot(NOW, anomalies=(watch,)), NOW).text.decode()
    assert 'pronoia_anomaly_score{system="node",exported_system="a"} 0.25' in text


def test_what_is_too_old_is_withdrawn():
    snapshot = Snapshot(NOW, anomalies=(anomaly_watch(NOW - 700.0),))
    assert snapshot.current(NOW).anomalies == ()
    assert np.isfinite(snapshot.anomalies[0].score[0])
