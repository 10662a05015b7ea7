"""The user's own alerts, learnt from ALERTS; predicted ones and those on anomalies never are."""

from __future__ import annotations

import numpy as np

from pronoia.config.load import parse
from pronoia.exposition.failure_families import ALERT_FIRINGS, ALERT_PROBABILITY
from pronoia.exposition.failures import alert_samples
from pronoia.exposition.source_labels import SourceLabels
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline import alert_cycle
from pronoia.pipeline.alert_cycle import FIRING_ALERTS, AlertCycle
from pronoia.series import LabelSet, SeriesFrame, TimeRange

NOW = 1_795_602_000.0
CONFIG = "presets: []\nfailure: {learnt_alerts: {enabled: true, history: 3d}, horizons: [15m, 1h]}"


class Alerts:
    """An upstream whose alert fires for five minutes every two hours, for the last time 110 minutes ago."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def parts(self, expression: str, time_range: TimeRange, step_ms: int):
        yield self.read(expression, time_range, step_ms)

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        self.asked.add(expression)
        begins = NOW - 6_600.0 - 7_200.0 * np.arange(30)[::-1]
        times = (begins[:, None] + 60.0 * np.arange(6)).ravel() * 1_000
        times = times[(times >= time_range.start_ms) & (times <= time_range.end_ms)].astype(np.int64)
        names = {
            "Backup": {"instance": "a"},
            "OomPredicted": {"predictive": "true"},
            "SystemUnusual": {"stem": "anomaly"},
        }
        return SeriesFrame.from_series(
            {
                LabelSet({"__name__": "ALERTS", "alertstate": "firing", "alertname": name, **labels}): (
                    times,
                    np.ones(len(times)),
                )
                for name, labels in names.items()
            }
        )


def test_the_next_firing_is_foretold_and_what_pronoia_says_is_not_learnt() -> None:
    alerts = parse(CONFIG, "t").resolved_alerts()
    assert alerts is not None
    upstream = Alerts()
    cycle = AlertCycle(alerts, upstream, max_series=10, telemetry=Telemetry())  # type: ignore[arg-type]
    cycle.run(NOW)
    assert upstream.asked == {FIRING_ALERTS}
    assert 'predictive!="true",stem!="anomaly"' in FIRING_ALERTS
    risk = cycle.risk
    assert risk is not None
    assert risk.labels == (LabelSet({"alertname": "Backup", "instance": "a"}),)
    assert risk.n_firings.tolist() == [30]
    assert risk.probability[0, 0] > 0.9
    cycle.run(NOW - 3_600.0)
    assert cycle.risk is not None
    assert cycle.risk.probability[0, 0] < 0.1
    block = alert_samples(risk, SourceLabels.of(risk.labels, None, frozenset()))
    assert block[ALERT_FIRINGS] == ['pronoia_alert_firings{speaker="recurrence",alertname="Backup",instance="a"} 30\n']
    assert block[ALERT_PROBABILITY][0].startswith('pronoia_alert_probability{horizon="15m",alertname="Backup"')


def test_alerts_are_not_read_unless_asked_for() -> None:
    assert parse("", "t").resolved_alerts() is None


def test_of_very_many_alerts_those_that_fire_most_are_foretold(monkeypatch) -> None:
    class Many(Alerts):
        def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
            begins = {f"a{n}": NOW * 1_000 - 7_200_000.0 * np.arange(1, n + 2)[::-1] for n in range(4)}
            return SeriesFrame.from_series(
                {LabelSet({"__name__": "ALERTS", "alertname": name}): (at, at * 0 + 1) for name, at in begins.items()}
            ).within(time_range)

    monkeypatch.setattr(alert_cycle, "_MOST_ALERTS", 2)
    cycle = AlertCycle(parse(CONFIG, "t").resolved_alerts(), Many(), max_series=10, telemetry=Telemetry())
    cycle.run(NOW)
    assert [labels["alertname"] for labels in cycle.risk.labels] == ["a3", "a2"]
