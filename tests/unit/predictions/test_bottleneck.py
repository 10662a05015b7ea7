from __future__ import annotations

import numpy as np
import pytest

from pronoia.predictions.snapshot import Snapshot
from support.risks import bottleneck_risk

POINT = bottleneck_risk().probability


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"lower": POINT[:1]}, "lower has shape"),
        ({"lower": POINT + 0.001}, "lower <= probability"),
        ({"upper": np.minimum(POINT, 0.5)}, "probability <= upper"),
        ({"lower": np.nan_to_num(POINT)}, "bounds are not known where probability is"),
        ({"probability": POINT[:, :, ::-1], "lower": 0 * POINT, "upper": 0 * POINT + 1}, "falls with the horizon"),
        ({"eta_lower_seconds": np.array([1300.0, 0.0])}, "earliest <= time"),
        ({"severity": np.array([0, 5])}, "between 1 and 10"),
        ({"causes": ()}, "causes of 0 subjects"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict, problem: str) -> None:
    if "probability" in changes:
        known = np.isfinite(changes["probability"])
        changes |= {name: np.where(known, changes[name], np.nan) for name in ("lower", "upper")}
        changes |= {"lower": np.where(known, 0.0, np.nan), "upper": np.where(known, 1.0, np.nan)}
    with pytest.raises(ValueError, match=problem):
        bottleneck_risk(**changes)


def test_its_numbers_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        bottleneck_risk().probability[0, 0, 0] = 0.0


def test_a_snapshot_withdraws_what_is_too_old() -> None:
    old, new = bottleneck_risk(1000.0), bottleneck_risk(2000.0, resource="memory")
    snapshot = Snapshot(2000.0, bottlenecks=(old, new))
    assert snapshot.current(2100.0).bottlenecks == (new,)
    assert snapshot.current(1500.0) is snapshot
    assert Snapshot(2000.0, bottlenecks=(new,)).current(2000.0 - 601.0).bottlenecks == (), "the clock was set back"
