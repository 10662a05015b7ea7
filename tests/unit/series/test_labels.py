"""Label sets compare by content, in any order."""

from __future__ import annotations

import pickle

from pronoia.series import LabelSet


def test_order_and_empty_values_do_not_matter() -> None:
    assert LabelSet([("b", "2"), ("a", "1"), ("c", "")]) == LabelSet({"a": "1", "b": "2"})
    assert hash(LabelSet({"a": "1"})) == hash(LabelSet([("a", "1")]))


def test_it_reads_as_promql_writes_it() -> None:
    assert str(LabelSet({"__name__": "up", "path": 'C:\\ "x"\n'})) == 'up{path="C:\\\\ \\"x\\"\\n"}'
    assert str(LabelSet({"__name__": "up"})) == "up"
    assert str(LabelSet()) == "{}"


def test_it_crosses_process_borders() -> None:
    labels = LabelSet({"__name__": "up", "job": "x"})
    assert pickle.loads(pickle.dumps(labels)) == labels  # between our own worker processes only
