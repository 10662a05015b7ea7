from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.errors import DecodeError, PronoiaError, SeriesLimitExceeded, UpstreamStatus
from pronoia.query_api.answer import parse_answer
from pronoia.series import LabelSet
from pronoia.transport.settings import UpstreamLimits

LIMITS = UpstreamLimits()


def answer(*series: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **more}


def compact(document: Any) -> bytes:
    """JSON as Prometheus writes it."""
    return json.dumps(document, separators=(",", ":")).encode()


def spaced(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode()


ONE = {"metric": {"__name__": "up", "job": "node"}, "values": [[1435781430.781, "1"], [1435781445.781, "0.5"]]}


@pytest.mark.parametrize("write", [compact, spaced])
def test_the_documentations_example_is_read(write: Any) -> None:
    frame = parse_answer(write(answer(ONE)), LIMITS).frame
    assert frame.labels == (LabelSet({"__name__": "up", "job": "node"}),)
    assert frame.timestamps_ms.tolist() == [1435781430781, 1435781445781]
    assert frame.values.tolist() == [1.0, 0.5]


@pytest.mark.parametrize("write", [compact, spaced])
def test_values_that_are_no_numbers_are_read(write: Any) -> None:
    texts = ["NaN", "+Inf", "-Inf", "-0", "1e-320", "1.7976931348623157e+308"]
    frame = parse_answer(write(answer({"metric": {}, "values": list(enumerate(texts))})), LIMITS).frame
    assert frame.labels == (LabelSet(),)
    assert math.isnan(frame.values[0])
    assert frame.values[1:].tolist() == [math.inf, -math.inf, -0.0, 1e-320, 1.7976931348623157e308]


def go_text(value: float) -> str:
    """How Go writes a float: shortest form, with signs on infinities."""
    return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN" if math.isnan(value) else repr(value))


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(["__name__", "values", "a"]), st.text(min_size=1)),
            st.lists(st.tuples(st.integers(0, 4_102_444_800_000), st.floats()), max_size=5, unique_by=lambda s: s[0]),
        ),
        max_size=4,
        unique_by=lambda one: LabelSet(one[0]),
    ),
    st.sampled_from([compact, spaced]),
)
def test_any_matrix_comes_back_as_it_was(series: list[tuple[dict[str, str], list[Any]]], write: Any) -> None:
    entries = [
        {"metric": metric, "values": [[ms / 1000, go_text(value)] for ms, value in sorted(samples)]}
        for metric, samples in series
    ]
    frame = parse_answer(write(answer(*entries)), LIMITS).frame
    wanted = {LabelSet(metric): sorted(samples) for metric, samples in series if samples}
    assert set(frame.labels) == set(wanted)
    for labels, times, values in frame:
        assert times.tolist() == [ms for ms, _ in wanted[labels]]
        np.testing.assert_array_equal(values, [value for _, value in wanted[labels]])


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_answer_is_an_error_of_ours_or_still_an_answer(position: int, byte: int) -> None:
    body = bytearray(compact(answer(ONE)))
    body[position % len(body)] = byte
    with contextlib.suppress(PronoiaError):
        parse_answer(bytes(body), LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"status":"success"}',
        b"[" * 100_000,
        compact({"status": "success", "data": {"resultType": "vector", "result": []}}),
        compact(answer({"metric": {}})),
        compact(answer({"metric": {"a": 1}, "values": [[1, "1"]]})),
        compact(answer({"metric": {}, "values": [[1, "1", "2"]]})),
        compact(answer({"metric": {}, "values": [[1, "x"]]})),
        compact(answer({"metric": {}, "values": [[1, "1"], [1, "1"]]})),
        compact(answer({"metric": {}, "values": [[2, "1"], [1, "1"]]})),
        compact(answer({"metric": {}, "values": [[1e300, "1"]]})),
        compact(answer(ONE, ONE)),
        compact(answer(ONE))[:-60],
        b'{"values":0,"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":3}]}}',
    ],
)
def test_what_is_no_matrix_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_answer(body, LIMITS)


def test_an_error_in_the_answer_is_told() -> None:
    body = compact({"status": "error", "errorType": "execution", "error": "many-to-many matching"})
    with pytest.raises(UpstreamStatus, match="execution: many-to-many matching"):
        parse_answer(body, LIMITS)


def test_warnings_are_kept() -> None:
    assert parse_answer(compact(answer(ONE, warnings=["partial"])), LIMITS).warnings == ("partial",)


def test_native_histograms_are_left_out() -> None:
    histogram = {"metric": {"__name__": "h"}, "histograms": [[1, {"count": "1", "sum": "1"}]]}
    assert parse_answer(compact(answer(histogram, ONE)), LIMITS).frame.n_series == 1


def test_limits_hold() -> None:
    other = {"metric": {"job": "b"}, "values": [[1, "1"]]}
    body = compact(answer(ONE, other))
    assert parse_answer(body, UpstreamLimits(max_series=2, max_samples=3)).frame.n_samples == 3
    with pytest.raises(SeriesLimitExceeded, match="2 series"):
        parse_answer(body, UpstreamLimits(max_series=1))
    with pytest.raises(SeriesLimitExceeded, match="3 samples"):
        parse_answer(body, UpstreamLimits(max_samples=2))
