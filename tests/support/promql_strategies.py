"""Random well-typed expressions over the samples of promql_data.py.

Some operations magnify the last bit of their arguments without limit: a comparison, a remainder, the difference of
near-equal values. Prometheus' versions round differently in that bit, so these operations are only given arguments that
are exact: stored samples, and what follows from them without rounding. All others take any argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from support.promql_samples import END_MS, START_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = st.SearchStrategy[str]

COUNTERS = (
    "requests_total", 'requests_total{job="api"}', 'requests_total{code!="500"}', "edge_total", "irregular_total",
    "gap_total", "marked_total", "fresh_total", "short_total", "restarting_total", "idle_total", "negative_total",
    'node_cpu_seconds_total{mode=~"idle|user"}', "latency_seconds_count", 'latency_seconds_bucket{le="0.5"}',
)  # fmt: skip
#: Random walks: no two of their series ever have the same value, so that `topk` has no ties.
WALKS = (
    "temperature_celsius", 'temperature_celsius{room=~"attic|hall"}', 'temperature_celsius{sensor="0"}',
    "gap_gauge", 'gap_gauge{instance!~"l.*"}', "irregular_gauge", "marked_gauge", "unusual_gauge",
)  # fmt: skip
GAUGES = (
    *WALKS, "constant_gauge", "zero_gauge", "queue_length", "share_ratio", "up", "edge_gauge", "short_gauge",
    "build_info", "limit_bytes", "usage_bytes", "request_bytes", "quota_bytes", "no_such_metric",
    '{__name__=~"gap_gauge|up"}',
)  # fmt: skip
SPECIAL = ("special_gauge", 'special_gauge{kind!="mixed"}', 'special_gauge{kind=~"sometimes|plain"}')
LABELS = ("instance", "job", "room", "sensor", "code", "method", "kind", "container", "queue", "mode", "nothing")
LENGTHS = ("15s", "30s", "1m", "90s", "2m3s", "5m", "10m", "17m", "40m")
#: None longer than the length that has its place in LENGTHS.
STEPS = ("15s", "", "45s", "1m", "2m", "5m")
NUMBERS = ("0", "1", "2", "-1", "0.5", "3", "8", "-0.25", "20")

lengths, steps, numbers = st.sampled_from(LENGTHS), st.sampled_from(STEPS), st.sampled_from(NUMBERS)
fixed = st.integers(START_MS // 1000, END_MS // 1000).map(str) | st.sampled_from(["start()", "end()"])
moving = st.sampled_from(["", "", "", " offset 5m", " offset 1m7s", " offset -3m", " offset 20m", " offset 1ms"])
timings = st.one_of(
    moving,
    moving,
    fixed.map(lambda at: f" @ {at}"),
    st.tuples(fixed, lengths).map(lambda each: f" @ {each[0]} offset {each[1]}"),
)
label_lists = st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(", ".join)
groupings = st.one_of(
    st.just(""), label_lists.map(lambda names: f" by ({names})"), label_lists.map(lambda names: f" without ({names})")
)
selectors = st.sampled_from(COUNTERS + GAUGES)
NO_MATCHING = st.just("")
shares = st.sampled_from(["0", "0.1", "0.5", "0.9", "1", "-1", "1.5", "NaN"])


def called(name: str | Text, *arguments: str | Text) -> Text:
    """A function's call."""
    parts = [st.just(each) if isinstance(each, str) else each for each in (name, *arguments)]
    return st.tuples(*parts).map(lambda each: f"{each[0]}({', '.join(each[1:])})")


def aggregated(operators: tuple[str, ...], argument: Text, parameter: Text | None = None) -> Text:
    """An aggregation."""
    inside = argument if parameter is None else st.tuples(parameter, argument).map(", ".join)
    return st.tuples(st.sampled_from(operators), groupings, inside).map(lambda each: f"{each[0]}{each[1]} ({each[2]})")


def joined(operators: tuple[str, ...], left: Text, right: Text, matchings: Text = NO_MATCHING) -> Text:
    """A binary operation, in parentheses."""
    between = st.tuples(st.sampled_from(operators), matchings).map("".join)
    return st.tuples(left, between, right).map(lambda each: f"({' '.join(each)})")


def ranged(inner: Text, depth: int, timings: Text = timings) -> Text:
    """A range vector of stored samples, or of an expression evaluated again and again."""
    stored = st.tuples(selectors, lengths, timings).map(lambda each: f"{each[0]}[{each[1]}]{each[2]}")
    if depth < 1:
        return stored
    again = st.tuples(inner, lengths, steps, timings).map(_subquery)
    return stored | again


def _subquery(parts: tuple[str, str, str, str]) -> str:
    inner, length, step, timing = parts
    if LENGTHS.index(length) < STEPS.index(step):
        # Where no instant lies in the range, Prometheus may still refuse what would have been evaluated there.
        step = "15s"
    # Where a subquery with an offset happens to begin at the query's start, Prometheus applies the offset to what `@`
    # fixes inside of it as well.
    return f"({inner})[{length}:{step}]{'' if '@' in inner else timing}"


@st.composite
def _matchings(draw: Callable[[Text], str], *, sets: bool = False) -> str:
    way = draw(st.sampled_from([" on", " ignoring"]))
    matching = f"{way} ({draw(label_lists)})"
    if sets:
        return matching
    group = draw(st.sampled_from(["", " group_left", " group_right"]))
    include = draw(label_lists)
    # Labels to match by cannot be copied as well.
    shared = way == " on" and set(matching[5:-1].split(", ")) & set(include.split(", "))
    return matching + (f"{group} ({'' if shared else include})" if group else "")


def _matched(operators: tuple[str, ...], vectors: Text, *, sets: bool = False) -> Text:
    likely = (
        (" on (instance)", " on (room)", "") if sets else (" on (instance) group_left ()", " ignoring (sensor)", "")
    )
    return joined(operators, vectors, vectors, st.sampled_from(likely) | _matchings(sets=sets))


def exact(depth: int) -> Text:
    """Instant vectors of finite values that are the same whatever the order and precision of the sums."""
    stored = st.tuples(selectors, timings).map("".join)
    if depth < 1:
        return stored
    inner = st.deferred(lambda: exact(depth - 1))
    over = ranged(inner, depth - 1)
    comparisons = ("==", "!=", ">", "<", ">=", "<=", "> bool", "<= bool", "== bool")
    walks = st.tuples(st.sampled_from(WALKS), timings).map("".join)
    top = st.one_of(
        walks, st.tuples(walks, lengths).map(lambda each: f"max_over_time({each[0].split(' ')[0]}[{each[1]}])")
    )
    return st.one_of(
        stored,
        called(st.sampled_from(["abs", "ceil", "floor", "sgn", "sort", "-", "round"]), inner),
        called("round", inner, st.sampled_from(["4", "0.25", "-2"])),
        called("clamp", inner, numbers, numbers),
        called(st.sampled_from(["clamp_min", "clamp_max"]), inner, numbers),
        called("absent", inner),
        called("label_replace", inner, '"room"', '"$1"', '"instance"', '"(.).*"'),
        called("label_replace", inner, '"new"', '"x$2"', '"room"', '"(a|h)(.*)"'),
        called("label_join", inner, '"new"', '"-"', '"instance"', '"room"', '"sensor"'),
        called(st.sampled_from(["changes", "resets"]), over),
        called(_over_time("min", "max", "sum", "count", "last", "present", "absent"), over),
        called("idelta", over),
        aggregated(("sum", "min", "max", "count", "group"), inner),
        aggregated(("count_values",), st.sampled_from(["queue_length", "up", "build_info"]), st.just('"value"')),
        aggregated(("topk", "bottomk"), top, st.sampled_from(["1", "2", "3", "0", "scalar(short_gauge)"])),
        joined(("+", "-", "*", *comparisons), inner, numbers),
        joined(("+", "-", *comparisons), numbers, inner),
        joined(("%",), inner, st.sampled_from(["3", "-2", "0.5"])),
        _matched(("+", "-", *comparisons), inner),
        _matched(("and", "or", "unless"), inner, sets=True),
    )  # fmt: skip


def expressions(depth: int) -> Text:
    """Instant vectors and scalars of any values, nested at most so deep."""
    stored = st.tuples(st.sampled_from(COUNTERS + GAUGES + SPECIAL), timings).map("".join)
    if depth < 1:
        return stored
    inner, fine = st.deferred(lambda: expressions(depth - 1)), st.deferred(lambda: exact(depth - 1))
    over, fine_over = ranged(inner, depth - 1), ranged(fine, depth - 1)
    rates = called(st.sampled_from(["rate", "irate", "increase", "delta", "idelta", "deriv"]), fine_over)
    buckets = st.sampled_from(["latency_seconds_bucket", "rate(latency_seconds_bucket[5m])", "odd_bucket"])
    return st.one_of(
        exact(depth),
        rates,
        rates,
        called(
            "predict_linear", ranged(fine, depth - 1, moving), st.sampled_from(["600", "-60", "scalar(edge_gauge)"])
        ),
        called("holt_winters", fine_over, st.sampled_from(["0.5", "0.1"]), st.sampled_from(["0.5", "0.9"])),
        called(_over_time("avg", "stddev", "stdvar"), fine_over),
        called(_over_time("min", "max", "last", "count", "present", "absent"), over),
        called("quantile_over_time", shares, over),
        called(st.sampled_from(["ln", "log2", "log10", "sqrt", "abs", "sgn", "atan", "deg"]), fine),
        called(st.sampled_from(["exp", "sin", "cos", "tanh", "asinh", "rad", "minute", "day_of_year"]), fine),
        called("vector", called("scalar", inner)),
        called(st.sampled_from(["timestamp", "absent", "sort_desc", "-", "abs"]), inner),
        called("label_replace", inner, '"instance"', '"all"', '"instance"', '".*"'),
        aggregated(("avg", "stddev", "stdvar"), fine),
        aggregated(("min", "max", "count", "group", "sum"), inner),
        aggregated(("quantile",), inner, shares),
        called("histogram_quantile", shares, buckets),
        called("histogram_quantile", shares, aggregated(("sum",), buckets).map(_by_bucket)),
        joined(("*", "/"), inner, numbers | st.just("time()")),
        joined(("/", "*", "^"), numbers, inner),
        joined(("^", "%"), fine, numbers),
        # 2.42 forgets to drop the name.
        joined(("atan2",), called("abs", fine), numbers),
        _matched(("*", "/"), inner),
        _matched(("and", "or", "unless"), inner, sets=True),
        called(
            "vector",
            joined(("+", "-", "< bool"), st.just("time()"), st.sampled_from(["1", "pi()", "scalar(edge_gauge)"])),
        ),
    )


def _over_time(*names: str) -> Text:
    return st.sampled_from(names).map("{}_over_time".format)


def _by_bucket(aggregation: str) -> str:
    return aggregation.replace(" by (", " by (le, ").replace("(le, )", "(le)").replace("sum (", "sum by (le) (")
