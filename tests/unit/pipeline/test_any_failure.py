"""That any failure of a system happens: joined by labels, as likely as the likeliest."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.pipeline.any_failure import any_failure
from pronoia.predictions.bottleneck import Cause
from pronoia.predictions.failure import FailureRisk
from pronoia.series import LabelSet

ENTITIES = {"oom": ("instance",), "disk_full": ("instance",), "own": ("pod",)}
NAN = np.nan


def _risk(failure: str, *rows: tuple[dict[str, str], list[float]], time: float = NAN) -> FailureRisk:
    point = np.array([each for _, each in rows]).reshape(len(rows), 2)
    seconds = np.full(len(rows), time)
    return FailureRisk(
        failure=failure,
        labels=tuple(LabelSet(labels) for labels, _ in rows),
        made_at_seconds=100.0,
        max_age_seconds=60.0,
        horizons_seconds=(900, 3_600),
        probability=point,
        lower=point * 0.5,
        upper=np.minimum(point * 1.5, 1.0),
        time_seconds=seconds,
        time_lower_seconds=seconds * 0.5,
        time_upper_seconds=seconds * 2.0,
        severity=tuple("critical" if p >= 0.6 else "low" for p in point[:, 0]),
        signals=tuple("s" for _ in rows),
        causes=tuple((Cause(failure, 1.0),) for _ in rows),
        actions=("look",),
        n_events=3,
        speaker="trend",
    )


def _node(mountpoint: str = "") -> dict[str, str]:
    return {"__name__": "x", "instance": "a", "job": "node", "mountpoint": mountpoint}


def test_it_is_as_likely_as_the_likeliest_and_perhaps_as_likely_as_all_of_them_apart() -> None:
    oom = _risk("oom", (_node(), [0.2, 0.3]), time=5_000.0)
    disks = _risk("disk_full", (_node("/"), [0.7, 0.8]), (_node("/var"), [0.1, 0.1]), time=600.0)
    joined = any_failure([oom, disks], ENTITIES)
    assert joined.labels == (LabelSet({"instance": "a", "job": "node"}),)
    assert joined.probability.tolist() == [[0.7, 0.8]]
    assert joined.lower.tolist() == [[0.35, 0.4]]
    assert joined.upper[0, 0] == 1.0
    assert (joined.signals, joined.severity) == (("disk_full",), ("critical",))
    assert joined.causes[0][0].feature == "disk_full"
    assert (joined.time_seconds[0], joined.time_lower_seconds[0]) == (600.0, 300.0)
    assert joined.n_events == 6


def test_the_upper_bound_is_as_if_they_had_nothing_to_do_with_each_other() -> None:
    five = [(_node(f"/{number}"), [0.2, 0.2]) for number in range(5)]
    joined = any_failure([_risk("disk_full", *five), _risk("oom")], ENTITIES)
    assert joined.upper[0] == pytest.approx(1.0 - 0.8**5)
    assert joined.probability[0, 0] == 0.2


def test_systems_are_told_apart_and_a_series_without_their_labels_is_one_of_its_own() -> None:
    oom = _risk("oom", (_node(), [0.2, 0.3]), ({"instance": "b", "job": "node"}, [0.4, 0.5]))
    own = _risk("own", ({"service": "pay"}, [0.1, 0.2]), ({"pod": "p", "job": "k"}, [0.3, 0.3]))
    joined = any_failure([oom, own], ENTITIES)
    assert {str(labels): row[0] for labels, row in zip(joined.labels, joined.probability, strict=True)} == {
        '{instance="a",job="node"}': 0.2,
        '{instance="b",job="node"}': 0.4,
        '{service="pay"}': 0.1,
        '{job="k",pod="p"}': 0.3,
    }


def test_what_is_not_known_of_one_failure_is_left_to_the_other() -> None:
    joined = any_failure([_risk("oom", (_node(), [NAN, NAN])), _risk("disk_full", (_node(), [0.1, 0.2]))], ENTITIES)
    assert joined.probability.tolist() == [[0.1, 0.2]]
    assert joined.signals == ("disk_full",)
    nothing = any_failure([_risk("oom", (_node(), [NAN, NAN])), _risk("disk_full")], ENTITIES)
    assert np.isnan(nothing.upper).all()
    assert nothing.signals == ("",)


def test_of_one_failure_there_is_no_choice() -> None:
    assert any_failure([_risk("oom", (_node(), [0.1, 0.2]))], ENTITIES) is None
    assert any_failure([], ENTITIES) is None
