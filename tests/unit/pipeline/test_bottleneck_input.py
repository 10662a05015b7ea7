from __future__ import annotations

import numpy as np

from pronoia.config.load import parse
from pronoia.pipeline.bottleneck_input import Observed, joined, system_rows
from pronoia.series import History, LabelSet, SeriesFrame

NAN = np.nan
CONFIG = """
queries:
  - {name: reads, expr: reads, entity: [instance]}
  - {name: writes, expr: writes, entity: [instance]}
bottleneck: {resources: [{name: cpu, expr: cpu, entity: [instance]}]}
feature_engineering: {derived_features: {io: {type: composite, formula: sqrt(reads^2 + writes^2)}}}
"""


def test_the_other_metric_of_a_system_is_found_by_its_entity() -> None:
    subjects = tuple(LabelSet({"instance": name, "mode": "user"}) for name in ("a", "b", "c"))
    disks = tuple(LabelSet({"instance": name, "device": dev}) for name, dev in (("a", "0"), ("c", "0"), ("a", "1")))
    assert system_rows(disks, subjects, ("instance",)).tolist() == [[0, 2], [-1, -1], [1, -1]]
    assert system_rows((), subjects, ("instance",)).shape == (3, 0)


def test_devices_of_a_system_are_joined() -> None:
    values = np.array([[1024.0, NAN], [2048.0, NAN], [NAN, 1024.0], [0.5, 0.5]], np.float32)
    rows = np.array([[0, 1, 2], [-1, -1, -1], [3, -1, -1]])
    summed = [[3072.0, 1024.0], [NAN, NAN], [0.5, 0.5]]
    np.testing.assert_array_equal(joined(values, rows, is_ratio=False), summed)
    np.testing.assert_array_equal(joined(values, rows, is_ratio=True), [[2048.0, 1024.0], [NAN, NAN], [0.5, 0.5]])


def test_configured_metrics_are_computed_for_each_system() -> None:
    times = np.array([300_000, 600_000])
    histories = {
        name: History.of(
            SeriesFrame.from_series({LabelSet({"instance": i}): (times, values) for i, values in of.items()})
        )
        for name, of in {
            "cpu": {"a": [0.1, 0.2], "b": [0.3, 0.4]},
            "reads": {"a": [3.0, 6.0], "c": [1.0, 1.0]},
            "writes": {"a": [4.0, 8.0], "b": [1.0, 1.0]},
        }.items()
    }
    resource = parse(CONFIG, "t").resolved_resources()[0]
    seen = Observed(resource, histories["cpu"], {}, 600_000, histories)
    np.testing.assert_array_equal(seen.on_slots(0, 2).further, [[[5.0, 10.0], [NAN, NAN]]])
    whole = seen.whole()
    assert whole.asked.metrics == ("io",)
    np.testing.assert_array_equal(whole.further, [[[5.0, 10.0], [NAN, NAN]]])
    unread = Observed(resource, histories["cpu"], {}, 600_000, {"reads": histories["reads"]})
    assert np.isnan(unread.on_slots(0, 2).further).all()
