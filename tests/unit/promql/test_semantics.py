"""What servers of different versions make of the same expression over the same samples."""

import numpy as np
import pytest

from pronoia.errors import EvaluationError
from pronoia.promql.compiler import compile as compile_expression
from pronoia.promql.evaluator import evaluate
from pronoia.promql.semantics import Semantics
from pronoia.series import LabelSet, SeriesFrame, is_stale

MINUTE_MS = 60_000
#: One sample a minute, its value its minute.
EVERY_MINUTE = SeriesFrame.from_series({LabelSet({"__name__": "x"}): (MINUTE_MS * np.arange(11), np.arange(11.0))})
ONCE = SeriesFrame.from_series({LabelSet({"__name__": "x"}): ([0], [7.0])})


def at(minute, expression, frame, *, left_open):
    """The value of the only series at one instant, None if there is none."""
    plan = compile_expression(expression, Semantics(left_open=left_open))
    answer = evaluate(plan, {plan.selectors[0]: frame}, round(minute * MINUTE_MS), round(minute * MINUTE_MS), 1)
    values = answer.values[~is_stale(answer.values)]
    return float(values[0]) if len(values) else None


@pytest.mark.parametrize(
    ("expression", "closed", "left_open"),
    [
        ("count_over_time(x[5m])", 6, 5),
        ("count_over_time(x[5m] offset 1m)", 6, 5),
        ("count_over_time(x[299s])", 5, 5),
        ("count_over_time(x[1ms])", 1, 1),
        ("min_over_time(x[2m])", 8, 9),
        ("rate(x[1m])", 1 / 60, None),
        ("count_over_time(x[5m:1m])", 6, 5),
        ("sum_over_time(x[2m:2m])", 18, 10),
    ],
)
def test_a_sample_at_the_left_end_of_a_range(expression, closed, left_open):
    assert at(10, expression, EVERY_MINUTE, left_open=False) == closed
    assert at(10, expression, EVERY_MINUTE, left_open=True) == left_open


def test_a_sample_as_old_as_the_lookback():
    assert at(5, "x", ONCE, left_open=False) == 7
    assert at(5, "x", ONCE, left_open=True) is None
    assert at(5 - 1 / MINUTE_MS, "x", ONCE, left_open=True) == 7
    assert at(5 + 1 / MINUTE_MS, "x", ONCE, left_open=False) is None


def test_inside_a_subquery_the_lookback_has_the_same_end():
    assert at(10, "count_over_time(x[10m:1m])", ONCE, left_open=False) == 6
    assert at(10, "count_over_time(x[10m:1m])", ONCE, left_open=True) == 4


def test_samples_that_a_comparison_drops_make_a_match_ambiguous_only_since_3_9():
    two = SeriesFrame.from_series(
        {LabelSet({"__name__": "x", "n": n}): ([0], [value]) for n, value in zip("ab", (1.0, 5.0), strict=True)}
    )

    def series(expression, *, counts_filtered):
        plan = compile_expression(expression, Semantics(counts_filtered=counts_filtered))
        return evaluate(plan, dict.fromkeys(plan.selectors, two), 0, 0, 1).n_series

    assert series("x > on () vector(3)", counts_filtered=False) == 1
    for expression, counts_filtered in (("x > on () vector(3)", True), ("x > on () vector(0)", False)):
        with pytest.raises(EvaluationError, match="many-to-one"):
            series(expression, counts_filtered=counts_filtered)
