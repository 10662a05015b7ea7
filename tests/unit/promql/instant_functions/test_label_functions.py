import numpy as np
import pytest

from pronoia.errors import EvaluationError
from pronoia.promql.instant_functions.label_functions import label_join, label_replace, without_name
from pronoia.promql.vector import Vector
from pronoia.series import LabelSet


def series(*labels: dict[str, str], present: list[list[bool]] | None = None) -> Vector:
    shown = np.ones((len(labels), 2), np.bool_) if present is None else np.array(present)
    values = np.arange(2.0 * len(labels)).reshape(-1, 2)
    return Vector(tuple(LabelSet({"__name__": "up", **each}) for each in labels), values, shown)


HOSTS = series({"instance": "db1:9100"}, {"instance": "db2:9100"})


def labels_of(vector: Vector) -> list[str]:
    return [str(each) for each in vector.labels]


def test_a_label_is_made_from_another():
    assert labels_of(label_replace(HOSTS, "host", "$1", "instance", "(.*):.*")) == [
        'up{host="db1",instance="db1:9100"}',
        'up{host="db2",instance="db2:9100"}',
    ]


def test_values_and_gaps_stay():
    gaps = series({"a": "1"}, {"a": "2"}, present=[[True, False], [False, False]])
    result = label_replace(gaps, "b", "x", "a", ".*")
    assert result.values is gaps.values
    assert result.present is gaps.present


def test_without_a_match_a_series_stays_as_it_is():
    assert label_replace(HOSTS, "instance", "gone", "instance", "db").labels == HOSTS.labels


def test_an_empty_replacement_removes_the_label():
    assert labels_of(label_replace(series({"a": "1"}), "a", "", "a", "1")) == ["up"]


def test_a_label_that_is_not_there_matches_as_empty():
    assert labels_of(label_replace(series({}), "a", "new", "nothing", "")) == ['up{a="new"}']


@pytest.mark.parametrize("destination", ["self", "zone.name", "größe"])
def test_any_name_can_be_set(destination: str):
    assert label_replace(series({}), destination, "x", "", "").labels[0][destination] == "x"


def test_the_metric_name_can_be_set():
    assert labels_of(label_replace(series({}), "__name__", "${1}_old", "__name__", "(.*)")) == ["up_old"]


@pytest.mark.parametrize(
    ("destination", "expression", "reason"),
    [
        ("", ".*", "destination label name"),
        ("\udcff", ".*", "destination label name"),
        ("a", "(", "regular expression"),
    ],
)
def test_wrong_arguments_are_refused_even_without_series(destination: str, expression: str, reason: str):
    with pytest.raises(EvaluationError, match=f"invalid {reason}"):
        label_replace(Vector.empty(1), destination, "", "instance", expression)


def test_series_that_become_equal_are_refused_where_they_meet():
    with pytest.raises(EvaluationError, match="same labelset"):
        label_replace(HOSTS, "instance", "", "", "")


def test_series_that_become_equal_are_joined_where_they_do_not_meet():
    result = label_join(series({"a": "1"}, {"a": "2"}, present=[[True, False], [False, True]]), "a", "")
    assert labels_of(result) == ["up"]
    assert result.values.tolist() == [[0.0, 3.0]]


def test_labels_are_joined_missing_ones_as_empty():
    joined = label_join(series({"a": "1", "b": "2"}), "c", "-", "b", "nothing", "a")
    assert joined.labels[0]["c"] == "2--1"


def test_names_of_labels_to_join_are_checked():
    with pytest.raises(EvaluationError, match="invalid source label name"):
        label_join(HOSTS, "a", "-", "")
    with pytest.raises(EvaluationError, match="invalid destination label name"):
        label_join(HOSTS, "", "-", "instance")


def test_names_are_dropped():
    assert labels_of(without_name(series({"a": "1"}))) == ['{a="1"}']
