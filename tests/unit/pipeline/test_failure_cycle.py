"""One failure's rounds: signals of one system are joined, and what goes wrong stays on its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.errors import UpstreamTimeout
from pronoia.exposition import failure_families as families
from pronoia.exposition.failures import failure_samples
from pronoia.exposition.source_labels import SourceLabels
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.failure.causes import TERMS
from pronoia.pipeline.failure_cycle import FailureCycle
from pronoia.pipeline.fit_pool import FitPool
from pronoia.series import LabelSet, SeriesFrame, TimeRange

NOW = 1_795_602_000.0
CONFIG = """
presets: []
failure:
  signals:
    - {name: bytes, failure: disk_full, expr: disk_used_ratio}
    - {name: inodes, failure: disk_full, expr: inodes_used, limit: 1000}
  horizons: [15m, 1h]
  max_age: 1m
"""


def filling(times: np.ndarray, full_in_seconds: float) -> np.ndarray:
    """Flat at a third, then straight up for as long as is left: full in so many seconds from NOW."""
    since = np.maximum(times / 1_000 - (NOW - 900.0), 0.0)
    return 0.3 + 0.7 * since / (900.0 + full_in_seconds)


def flat(times: np.ndarray) -> np.ndarray:
    return 0.4 + 0.001 * np.sin(times / 7e4)


@dataclass
class Disks:
    """An upstream that knows a sample each 15 s, for six hours."""

    bytes_used: dict[str, object] = field(default_factory=dict)
    inodes_used: dict[str, object] = field(default_factory=dict)
    error: Exception | None = None

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        if self.error:
            raise self.error
        begin = max(time_range.start_ms, (NOW - 21_600) * 1_000)
        times = np.arange(-(-begin // 15_000) * 15_000, time_range.end_ms + 1, 15_000)
        series = self.bytes_used if expression == "disk_used_ratio" else self.inodes_used
        scale = 1.0 if expression == "disk_used_ratio" else 1_000.0
        return SeriesFrame.from_series(
            {LabelSet({"instance": name}): (times, scale * of(times)) for name, of in series.items()}
        )

    def parts(self, expression: str, time_range: TimeRange, step_ms: int):
        yield self.read(expression, time_range, step_ms)


def _cycle(disks: Disks) -> FailureCycle:
    (failure,) = parse(CONFIG, "t").resolved_failures()
    return FailureCycle(
        failure,
        {"prometheus": disks},
        {}.get,
        pool=FitPool(1, lambda: None),
        store=None,
        max_series=100,
        telemetry=Telemetry(),
    )


def _row(cycle: FailureCycle, instance: str) -> int:
    assert cycle.risk is not None
    return [labels.get("instance") for labels in cycle.risk.labels].index(instance)


@pytest.fixture
def cycle() -> FailureCycle:
    soon = lambda times: filling(times, 300.0)  # noqa: E731
    cycle = _cycle(Disks({"a": soon, "b": flat, "c": flat}, {"a": flat, "b": flat, "c": soon}))
    cycle.run(NOW)
    return cycle


def test_what_fills_is_announced_and_what_does_not_is_not(cycle):
    risk = cycle.risk
    a, b = _row(cycle, "a"), _row(cycle, "b")
    assert risk.probability[a, 0] > 0.6
    assert risk.probability[b, 0] < 0.2
    assert risk.time_lower_seconds[a] <= 300.0 <= risk.time_upper_seconds[a]
    assert (risk.severity[a], risk.severity[b]) == ("critical", "low")
    assert risk.causes[a][0].feature == "headroom_used_up"
    assert risk.causes[a][0].log_odds > 0.0
    assert {cause.feature for cause in risk.causes[a]} <= set(TERMS)
    assert risk.causes[b] == ()
    assert risk.actions
    assert (risk.speaker, risk.n_events) == ("prior", 0)


def test_the_signal_that_presses_speaks(cycle):
    assert cycle.risk.signals[_row(cycle, "a")] == "bytes"
    assert cycle.risk.signals[_row(cycle, "c")] == "inodes"


def test_a_system_speaks_for_itself_whatever_the_others_do(cycle):
    alone = _cycle(Disks({"b": flat}, {"b": flat}))
    alone.run(NOW)
    mixed = cycle.risk.probability[_row(cycle, "b")]
    assert alone.risk.probability[0] == pytest.approx(mixed)


def test_a_signal_without_series_leaves_the_other_to_speak():
    cycle = _cycle(Disks({"a": lambda times: filling(times, 300.0)}))
    cycle.run(NOW)
    assert cycle.risk.signals == ("bytes",)


def test_without_any_series_there_is_nothing_to_say():
    cycle = _cycle(Disks())
    cycle.run(NOW)
    assert cycle.risk is None
    assert [outcome.reason for outcome in cycle.outcomes] == ["no_series"]


def test_risks_stay_on_show_until_they_are_too_old(cycle):
    disks = Disks({"a": flat}, {})
    watched = _cycle(disks)
    watched.run(NOW)
    disks.error = UpstreamTimeout("http://localhost:9090", 5.0)
    watched.run(NOW + 30)
    assert watched.risk is not None
    watched.run(NOW + 90)
    assert watched.risk is None


def test_a_closed_cycle_does_nothing(cycle):
    before = cycle.risk
    cycle.close()
    cycle.run(NOW + 30)
    assert cycle.risk is before


def test_samples_are_those_of_the_risk(cycle):
    block = failure_samples(cycle.risk, SourceLabels.of(cycle.risk.labels, None, frozenset()))
    lines = block[families.FAILURE_PROBABILITY]
    assert len(lines) == 6
    assert lines[0].startswith('pronoia_failure_probability{failure="disk_full",horizon="15m",instance="a"} 0.')
    assert block[families.FAILURE_EVENTS] == ['pronoia_failure_model_events{failure="disk_full",speaker="prior"} 0\n']
    assert 'severity="critical"' in "".join(block[families.FAILURE_SEVERITY])
    assert len(block[families.FAILURE_TIME]) == 2
