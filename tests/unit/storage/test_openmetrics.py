"""Samples as OpenMetrics text."""

from __future__ import annotations

import io
import math

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pronoia.series import STALE_NAN, LabelSet, SeriesFrame
from pronoia.storage.openmetrics import write_openmetrics


def text_of(frame: SeriesFrame) -> str:
    text = io.StringIO()
    write_openmetrics(frame, text)
    return text.getvalue()


def test_an_independent_parser_reads_back_every_label_value_and_instant() -> None:
    awkward = LabelSet({"__name__": "size_bytes", "path": 'C:\\x "y"\nz', "zone": "ä"})
    plain = LabelSet({"__name__": "up"})
    frame = SeriesFrame.from_series(
        {awkward: ([1_000, 2_001, 3_500], [1e300, math.nan, -0.0]), plain: ([0, 1000], [math.inf, -math.inf])}
    )
    parsed = [sample for family in text_string_to_metric_families(text_of(frame)) for sample in family.samples]
    assert [(s.name, s.labels.get("path"), str(s.value)) for s in parsed] == [
        ("size_bytes", 'C:\\x "y"\nz', "1e+300"),
        ("size_bytes", 'C:\\x "y"\nz', "nan"),
        ("size_bytes", 'C:\\x "y"\nz', "-0.0"),
        ("up", None, "inf"),
        ("up", None, "-inf"),
    ]
    assert [float(s.timestamp or 0) for s in parsed] == [1.0, 2.001, 3.5, 0.0, 1.0]


def test_series_of_one_metric_stand_together_and_staleness_markers_are_left_out() -> None:
    names = ["b", "a", "b"]
    labels = [LabelSet({"__name__": name, "n": str(i)}) for i, name in enumerate(names)]
    frame = SeriesFrame.from_series({one: ([1000, 2000], [1.0, STALE_NAN]) for one in labels})
    assert text_of(frame).splitlines() == ['a{n="1"} 1.0 1', 'b{n="0"} 1.0 1', 'b{n="2"} 1.0 1', "# EOF"]


def test_a_series_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="has no metric name"):
        text_of(SeriesFrame.from_series({LabelSet({"job": "x"}): ([1], [1.0])}))
