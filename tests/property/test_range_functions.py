"""Functions of range vectors equal slow definitions of them, one window at a time."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.promql.range_functions.registry import RANGE_FUNCTIONS, range_functions
from pronoia.promql.semantics import Semantics
from pronoia.promql.windows import windows_over
from pronoia.series import LabelSet, SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Of a window: seconds and values of its samples, its right end, its length in seconds.
    Definition = Callable[[list[Fraction], list[float], Fraction, Fraction], float | Fraction | None]

NAN = math.nan
# Few and small, so that they fall, repeat and are zero; thirds, so that sums are rounded.
FINITE = st.one_of(st.integers(-3, 9).map(float), st.integers(-30, 90).map(lambda value: value / 3))
SPECIAL = st.one_of(FINITE, st.just(NAN))
SHARE = 0.3


@st.composite
def range_vectors(draw, values):
    """Samples of a few series, and windows over them that overlap, touch, or leave some out."""
    series = {}
    for i in range(draw(st.integers(1, 3))):
        gaps = draw(st.lists(st.one_of(st.just(1000), st.integers(1, 3000)), max_size=12))
        samples = draw(st.lists(values, min_size=len(gaps), max_size=len(gaps)))
        series[LabelSet({"i": str(i)})] = (np.cumsum([0, *gaps])[1:], samples)
    steps = draw(st.lists(st.sampled_from([0, 500, 1000, 4000]), min_size=1, max_size=8))
    times_ms = np.cumsum(steps)
    ends_ms = times_ms - draw(st.sampled_from([0, 700]))
    range_ms = draw(st.sampled_from([1000, 2500, 6000, 30_000]))
    return windows_over(SeriesFrame.from_series(series), times_ms, ends_ms, range_ms, left_open=draw(st.booleans()))


def extrapolated(times, values, end, length, *, is_counter, zero_point_first=False):
    if len(times) < 2:
        return None
    rise = values[-1] - values[0]
    if is_counter:
        for before, after in pairwise(values):
            rise += before if after < before else 0
    between = (times[-1] - times[0]) / (len(times) - 1)
    left, right = times[0] - (end - length), end - times[-1]
    zero = (times[-1] - times[0]) * Fraction(values[0]) / Fraction(rise) if rise > 0 and values[0] >= 0 else math.inf
    zero = zero if is_counter else math.inf
    if zero_point_first:
        left = min(left, zero)
    # As the server's 1.1, which is a little more than eleven tenths.
    left = min(left if float(left) < float(between) * 1.1 else between / 2, zero)
    right = right if float(right) < float(between) * 1.1 else between / 2
    return Fraction(rise) * (times[-1] - times[0] + left + right) / (times[-1] - times[0])


def rate(times, values, end, length):
    increase = extrapolated(times, values, end, length, is_counter=True)
    return None if increase is None else increase / length


def line(times, values, at=None):
    """Slope, or the height at a time."""
    if len(times) < 2:
        return None
    mean_x, mean_y = sum(times) / len(times), sum(map(Fraction, values)) / len(values)
    slope = sum((x - mean_x) * (Fraction(y) - mean_y) for x, y in zip(times, values, strict=True))
    slope /= sum((x - mean_x) ** 2 for x in times)
    return slope if at is None else mean_y + slope * (at - mean_x)


def variance(values):
    mean = sum(map(Fraction, values)) / len(values)
    return sum((Fraction(value) - mean) ** 2 for value in values) / len(values)


def irate(times, values, *_):
    if len(times) < 2:
        return None
    return Fraction(values[-1] if values[-1] < values[-2] else values[-1] - values[-2]) / (times[-1] - times[-2])


def last_seen(times, values, best):
    return max((at for at, value in zip(times, values, strict=True) if value == best), default=times[-1])


def largest(values):
    return max((value for value in values if not math.isnan(value)), default=NAN)


def smallest(values):
    return -largest([-value for value in values])


def quantile(values, share):
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    rank = share * (len(values) - 1)
    below = math.floor(rank)
    above = min(below + 1, len(values) - 1)
    return ordered[below] * (1 - (rank - below)) + ordered[above] * (rank - below)


def mad(values):
    center = quantile(values, 0.5)
    return quantile([abs(value - center) for value in values], 0.5)


OF_FINITE: dict[str, Definition] = {
    "rate": rate,
    "increase": lambda *window: extrapolated(*window, is_counter=True),
    "delta": lambda *window: extrapolated(*window, is_counter=False),
    "irate": irate,
    "idelta": lambda _, values, *__: values[-1] - values[-2] if len(values) > 1 else None,
    "deriv": lambda times, values, *_: line(times, values),
    "sum_over_time": lambda _, values, *__: sum(map(Fraction, values)),
    "avg_over_time": lambda _, values, *__: sum(map(Fraction, values)) / len(values),
    "stdvar_over_time": lambda _, values, *__: variance(values),
    "stddev_over_time": lambda _, values, *__: math.sqrt(variance(values)),
    "mad_over_time": lambda _, values, *__: median(abs(value - median(values)) for value in values),
}
OF_SPECIAL: dict[str, Definition] = {
    "resets": lambda _, values, *__: sum(after < before for before, after in pairwise(values)),
    "changes": lambda _, values, *__: sum(str(before) != str(after) for before, after in pairwise(values)),
    "count_over_time": lambda _, values, *__: len(values),
    "present_over_time": lambda *_: 1,
    "first_over_time": lambda _, values, *__: values[0],
    "last_over_time": lambda _, values, *__: values[-1],
    "ts_of_first_over_time": lambda times, *_: times[0],
    "ts_of_last_over_time": lambda times, *_: times[-1],
    "max_over_time": lambda _, values, *__: largest(values),
    "min_over_time": lambda _, values, *__: smallest(values),
    "ts_of_max_over_time": lambda times, values, *_: last_seen(times, values, largest(values)),
    "ts_of_min_over_time": lambda times, values, *_: last_seen(times, values, smallest(values)),
    "quantile_over_time": lambda _, values, *__: quantile(values, SHARE),
    "mad_over_time": lambda _, values, *__: mad(values),
}


def check(definition, windows, result, rel=1e-12):
    values, present = result
    for (i, t), first in np.ndenumerate(windows.first):
        inside = slice(int(first), int(windows.last[i, t]))
        times = [Fraction(int(at), 1000) for at in windows.timestamps_ms[inside]]
        end, length = Fraction(int(windows.ends_ms[t]), 1000), Fraction(windows.range_ms, 1000)
        wanted = definition(times, windows.values[inside].tolist(), end, length) if times else None
        assert present[i, t] == (wanted is not None)
        if wanted is not None:
            assert values[i, t] == pytest.approx(float(wanted), rel=rel, abs=1e-12, nan_ok=True)


def scalars(name, windows):
    return (np.full(len(windows.times_ms), SHARE),) if name == "quantile_over_time" else ()


@pytest.mark.parametrize("name", OF_FINITE)
@given(windows=range_vectors(FINITE))
def test_functions_of_finite_samples(name, windows):
    check(OF_FINITE[name], windows, RANGE_FUNCTIONS[name](windows, ()))


@pytest.mark.parametrize("name", OF_SPECIAL)
@given(windows=range_vectors(SPECIAL))
def test_functions_of_samples_some_of_which_are_nan(name, windows):
    check(OF_SPECIAL[name], windows, RANGE_FUNCTIONS[name](windows, scalars(name, windows)))


@given(windows=range_vectors(FINITE))
def test_increases_as_older_servers_have_them(windows):
    older = range_functions(Semantics(zero_point_first=True))["increase"]
    check(lambda *window: extrapolated(*window, is_counter=True, zero_point_first=True), windows, older(windows, ()))


@given(windows=range_vectors(FINITE), ahead=st.integers(-100, 100))
def test_predictions_lie_on_the_line_some_time_after_the_instant(windows, ahead):
    values, present = RANGE_FUNCTIONS["predict_linear"](windows, (np.full(len(windows.times_ms), float(ahead)),))
    offset = Fraction(int(windows.times_ms[0] - windows.ends_ms[0]), 1000)
    # Samples a millisecond apart seen from seconds away: the sums cancel, here as in Prometheus.
    check(
        lambda times, samples, end, _: line(times, samples, end + offset + ahead), windows, (values, present), rel=1e-6
    )


def test_every_function_is_defined_here_or_tested_by_example():
    by_example = {"predict_linear", "double_exponential_smoothing"}
    assert {*OF_FINITE, *OF_SPECIAL} | by_example == set(RANGE_FUNCTIONS)
