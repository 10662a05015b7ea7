import numpy as np
import pytest

from pronoia.promql.instant_functions.ordering import natural_order, sort, sort_by_label, sort_by_label_desc, sort_desc
from pronoia.promql.vector import Vector
from pronoia.series import LabelSet

NAN, INF = float("nan"), float("inf")


def of_values(*values: float) -> Vector:
    labels = tuple(LabelSet({"i": str(i)}) for i in range(len(values)))
    return Vector(labels, np.array(values)[:, np.newaxis], np.ones((len(values), 1), np.bool_))


def of_labels(*labels: dict[str, str]) -> Vector:
    return Vector(tuple(LabelSet(each) for each in labels), np.zeros((len(labels), 1)), np.ones((len(labels), 1), bool))


def test_nan_comes_last_in_both_directions():
    values = of_values(2.0, NAN, -INF, 3.0)
    np.testing.assert_array_equal(sort(values).values[:, 0], [-INF, 2.0, 3.0, NAN])
    np.testing.assert_array_equal(sort_desc(values).values[:, 0], [3.0, 2.0, -INF, NAN])


def test_labels_move_with_their_values():
    assert [each["i"] for each in sort(of_values(3.0, 1.0, 2.0)).labels] == ["1", "2", "0"]


@pytest.mark.parametrize("order", [sort, sort_desc, lambda v: sort_by_label(v, "i"), sort_by_label_desc])
def test_more_instants_than_one_have_no_order(order):
    two = Vector(
        (LabelSet({"i": "1"}), LabelSet({"i": "0"})), np.array([[2.0, 1.0], [1.0, 2.0]]), np.ones((2, 2), bool)
    )
    assert order(two) is two


def test_by_label_numbers_inside_of_text_count_as_numbers():
    hosts = of_labels({"host": "db10"}, {"host": "db9"}, {"host": "db"}, {})
    assert [each.get("host") for each in sort_by_label(hosts, "host").labels] == [None, "db", "db9", "db10"]
    assert [each.get("host") for each in sort_by_label_desc(hosts, "host").labels] == ["db10", "db9", "db", None]


def test_labels_count_in_the_order_given_and_all_labels_at_last():
    mixed = of_labels({"a": "1", "b": "2", "c": "y"}, {"a": "2", "b": "1"}, {"a": "1", "b": "2", "c": "x"})
    assert [str(each) for each in sort_by_label(mixed, "b", "a").labels] == [
        '{a="2",b="1"}',
        '{a="1",b="2",c="x"}',
        '{a="1",b="2",c="y"}',
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("a2", "a10"), ("a", "a1"), ("1", "a"), ("a1b2", "a1b10"), ("2.9", "2.10"), ("a²", "a³")],
)
def test_the_natural_order(first: str, second: str):
    assert natural_order(first, second) < 0 < natural_order(second, first)


def test_numbers_too_large_for_64_bits_compare_as_text():
    assert natural_order("9" * 20, "1" + "0" * 20) > 0
