"""When systems failed: signals at limits and conditions, joined by their labels."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.failure.occurrences import joined, occurrences_of, spans_of, speaks_of
from pronoia.series import LabelSet, SeriesFrame
from pronoia.series.staleness import STALE_NAN


def _condition(**series: list[float]) -> SeriesFrame:
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": "x", "instance": name}): (np.array(times) * 1_000, np.ones(len(times)))
            for name, times in series.items()
        }
    )


def test_what_begins_soon_after_an_end_is_the_same() -> None:
    spans = spans_of(np.array([0.0, 60.0, 300.0, 1_000.0]))
    assert spans.starts_seconds.tolist() == [0.0, 1_000.0]
    assert spans.ends_seconds.tolist() == [300.0, 1_000.0]


def test_several_sources_of_one_failure_are_one() -> None:
    both = joined([spans_of(np.array([0.0, 3_000.0])), spans_of(np.array([100.0])), spans_of(np.empty(0))])
    assert both.starts_seconds.tolist() == [0.0, 3_000.0]
    assert both.ends_seconds.tolist() == [100.0, 3_000.0]
    assert not len(joined([]).starts_seconds)


@pytest.mark.parametrize(
    ("condition", "system", "does"),
    [
        ({}, {"instance": "a"}, True),
        ({"instance": "a"}, {"instance": "a", "mountpoint": "/"}, True),
        ({"instance": "a", "uid": "1"}, {"instance": "a"}, True),
        ({"instance": "a"}, {"instance": "b"}, False),
        ({"instance": "a"}, {}, False),
        # Both are of the same cluster, and speak of different things.
        ({"cluster": "x", "instance": "a"}, {"cluster": "x", "pod": "p"}, False),
    ],
)
def test_a_condition_speaks_of_the_systems_that_its_labels_name(condition, system, does) -> None:
    assert speaks_of(LabelSet(condition), LabelSet(system)) is does


def test_a_system_fails_when_a_condition_says_so_or_a_signal_is_at_its_limit() -> None:
    systems = [LabelSet({"instance": name}) for name in "abc"]
    found = occurrences_of(systems, [_condition(a=[500.0], z=[1.0])], {1: np.array([900.0])})
    assert [each.starts_seconds.tolist() for each in found] == [[500.0], [900.0], []]


def test_staleness_is_no_occurrence() -> None:
    frame = SeriesFrame.from_series({LabelSet({"instance": "a"}): ([1_000, 2_000], [1.0, STALE_NAN])})
    (found,) = occurrences_of([LabelSet({"instance": "a"})], [frame], {})
    assert found.ends_seconds.tolist() == [1.0]
