"""A range query is nothing but its instants, and a range that is closed on the left is one millisecond longer."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pronoia.errors import EvaluationError
from pronoia.promql.compiler import compile as compile_expression
from pronoia.promql.evaluator import evaluate
from pronoia.promql.semantics import Semantics
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame, is_stale
from pronoia.series.matchers import matches_all
from support.promql_data import stored_samples
from support.promql_samples import MINUTE_MS, START_MS
from support.promql_strategies import expressions

STORED = stored_samples()
FIRST_MS, STEP_MS, N_STEPS = START_MS + 40 * MINUTE_MS, MINUTE_MS, 24


def stored(plan, start_ms, end_ms):
    """What a server would send for a plan: the matching series, and no sample more than is asked for."""
    frames = {}
    for selector in plan.selectors:
        series = [i for i, labels in enumerate(STORED.labels) if matches_all(selector.matchers, labels)]
        frames[selector] = STORED.take(series).within(selector.time_range(start_ms, end_ms))
    return frames


def evaluated(plan, start_ms, end_ms, step_ms=STEP_MS):
    frame = evaluate(plan, stored(plan, start_ms, end_ms), start_ms, end_ms, step_ms)
    return dict(zip(frame.labels, frame.values, strict=True))


def assert_same(one, other):
    assert one.keys() == other.keys()
    for labels, values in one.items():
        assert np.array_equal(is_stale(values), is_stale(other[labels])), labels
        np.testing.assert_allclose(values, other[labels], rtol=1e-9, atol=0.0, err_msg=str(labels))


@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(expressions(depth=3), st.integers(1, N_STEPS))
def test_parts_of_a_range_join_to_the_whole(expression, n_first):
    # These are other instants for each part.
    assume("start()" not in expression and "end()" not in expression)
    plan = compile_expression(expression)
    end_ms = FIRST_MS + (N_STEPS - 1) * STEP_MS
    middle_ms = FIRST_MS + n_first * STEP_MS
    try:
        whole = evaluated(plan, FIRST_MS, end_ms)
    except EvaluationError:
        assume(False)
    parts = [(0, evaluated(plan, FIRST_MS, middle_ms - STEP_MS))]
    if n_first < N_STEPS:
        parts.append((n_first, evaluated(plan, middle_ms, end_ms)))
    joined = {}
    for begin, part in parts:
        for labels, values in part.items():
            row = joined.setdefault(labels, np.full(N_STEPS, STALE_NAN))
            row[begin : begin + len(values)] = values
    assert_same(joined, whole)


@st.composite
def frames(draw):
    """Samples on a coarse grid, so that many stand at the ends of ranges to the millisecond."""
    series = {}
    for name in "ab":
        at = sorted(draw(st.sets(st.integers(0, 40), min_size=1)))
        values = draw(st.lists(st.integers(0, 8).map(float), min_size=len(at), max_size=len(at)))
        series[LabelSet({"__name__": "x", "name": name})] = [1_000 * second for second in at], values
    return SeriesFrame.from_series(series)


TEMPLATES = (
    "count_over_time(x[{0}ms])",
    "sum_over_time(x[{0}ms])",
    "last_over_time(x[{0}ms] offset 2s)",
    "changes(x[{0}ms])",
    "resets(x[{0}ms])",
    "deriv(x[{0}ms])",
    "irate(x[{0}ms])",
    "count_over_time(x[{0}ms:1s])",
    "max_over_time(max_over_time(x[{0}ms])[{0}ms:2s])",
    "absent_over_time(x[{0}ms])",
)


@given(frames(), st.sampled_from(TEMPLATES), st.integers(1, 10), st.sampled_from([500, 1_000, 3_000]))
def test_a_closed_range_is_a_left_open_one_of_a_millisecond_more(frame, template, seconds, step_ms):
    closed = Semantics(left_open=False, lookback_ms=2_000)
    left_open = Semantics(left_open=True, lookback_ms=2_001)
    answers = []
    for semantics, range_ms in ((closed, seconds * 1_000), (left_open, seconds * 1_000 + 1)):
        plan = compile_expression(template.format(range_ms), semantics)
        answer = evaluate(plan, dict.fromkeys(plan.selectors, frame), 0, 50_000, step_ms)
        answers.append(dict(zip(answer.labels, answer.values, strict=True)))
    assert_same(*answers)
