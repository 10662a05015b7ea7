import math
import sys

import pytest

from pronoia.errors import EvaluationError, SeriesLimitExceeded
from pronoia.promql.operators.aggregate import aggregate
from support.promql_vectors import rows_of, vector

BUILDS = vector(
    {
        'build{host="a",zone="x"}': [1.0, 1.0],
        'build{host="b",zone="x"}': [1.0, 2.0],
        'build{host="c",zone="y"}': [2.0, None],
    }
)


def counted(label: str, *names: str, without: bool = False) -> dict[str, list[float | None]]:
    return rows_of(aggregate("count_values", BUILDS, label, names, without))


def test_each_value_is_a_series():
    assert counted("v") == {'{v="1"}': [2.0, 1.0], '{v="2"}': [1.0, 1.0]}


def test_values_are_counted_in_each_group():
    expected = {'{v="1",zone="x"}': [2.0, 1.0], '{v="2",zone="x"}': [None, 1.0], '{v="2",zone="y"}': [1.0, None]}
    assert counted("v", "zone") == expected
    assert counted("v", "host", without=True) == expected


def test_the_value_takes_the_place_of_a_label():
    assert counted("zone") == counted("zone", "zone") == {'{zone="1"}': [2.0, 1.0], '{zone="2"}': [1.0, 1.0]}
    assert counted("__name__") == {"1": [2.0, 1.0], "2": [1.0, 1.0]}


def test_a_value_whose_label_is_dropped_is_not_told():
    assert counted("v", "v", "host", without=True) == {'{zone="x"}': [2.0, 2.0], '{zone="y"}': [1.0, None]}
    assert counted("__name__", "host", "zone", without=True) == {"{}": [3.0, 2.0]}


def test_values_are_written_as_go_writes_them():
    values = [0.1, -0.0, 0.0, 1e21, 1.5e-7, math.nan, math.inf, -math.inf]
    odd = vector({f'x{{n="{n}"}}': [value] for n, value in enumerate(values)})
    texts = {labels["v"] for labels in aggregate("count_values", odd, "v", (), False).labels}
    assert texts == {"0.1", "-0", "0", "1000000000000000000000", "0.00000015", "NaN", "+Inf", "-Inf"}


@pytest.mark.parametrize("label", ["", "\ud800"])
def test_a_label_needs_a_name(label):
    with pytest.raises(EvaluationError, match="invalid label name"):
        aggregate("count_values", BUILDS, label, (), False)


def test_too_many_values_are_refused():
    with pytest.raises(SeriesLimitExceeded):
        aggregate("count_values", BUILDS, "v", (), False, max_points=3)
    assert aggregate("count_values", BUILDS, "v", (), False, max_points=sys.maxsize).n_series == 2
