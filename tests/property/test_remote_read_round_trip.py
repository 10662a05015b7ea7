"""Any frame survives both response types, and any range of it is what comes back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed, encode_streamed
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import decode_request, encode_request
from pronoia.remote_read.server import respond
from pronoia.series import LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange

LIMITS = ReadLimits()
STREAMED, SAMPLES = ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES
# The usual, the special, staleness markers, and any bits at all: signalling NaNs with payloads among them.
VALUE_BITS = st.one_of(
    st.floats(width=64).map(lambda value: int(np.float64(value).view(np.uint64))),
    st.sampled_from([0x7FF0000000000002, 0x7FF8000000000001, 0x8000000000000000, 0, 0x7FF0000000000000, 1]),
    st.integers(0, 2**64 - 1),
)
# Regular steps, each width of a delta of delta, and leaps.
GAPS = st.one_of(
    st.just(15_000),
    st.integers(14_950, 15_050),
    st.integers(1, 2**14),
    st.integers(1, 2**17),
    st.integers(1, 2**21),
    st.integers(1, 2**48),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
LABEL_SETS = st.dictionaries(TEXT, TEXT, max_size=4).map(LabelSet)


@st.composite
def frames(draw):
    series = {}
    for labels in draw(st.lists(LABEL_SETS, unique=True, max_size=4)):
        gaps = draw(st.lists(GAPS, max_size=draw(st.sampled_from([3, 30, 260]))))
        start_ms = draw(st.one_of(st.just(1_700_000_000_000), st.integers(-(2**60), 2**60)))
        times = start_ms + np.cumsum([0, *gaps], dtype=np.int64)
        pool = draw(st.lists(VALUE_BITS, min_size=1, max_size=20))
        picks = draw(st.lists(st.sampled_from(pool), min_size=len(times), max_size=len(times)))
        series[labels] = times, np.array(picks, np.uint64).view(np.float64)
    return SeriesFrame.from_series(series)


def content(frame):
    frame.check_order()
    return {labels: (times.tolist(), values.view(np.uint64).tolist()) for labels, times, values in frame}


def through_the_server(frame, time_range, kind):
    body = encode_request([ReadQuery(time_range, ())], [kind])
    answer = respond(body, {"Content-Encoding": "snappy"}, lambda _: frame)
    decode = decode_streamed if kind is STREAMED else decode_samples
    return decode(b"".join(answer.chunks), time_range, LIMITS)


@pytest.mark.parametrize("kind", [STREAMED, SAMPLES])
@given(frame=frames())
def test_a_frame_survives_request_answer_and_decoding(kind, frame):
    assert content(through_the_server(frame, TimeRange(-(2**63), 2**63 - 1), kind)) == content(frame)


@pytest.mark.parametrize("kind", [STREAMED, SAMPLES])
@given(frame=frames().filter(lambda frame: frame.n_samples > 0), data=st.data())
def test_a_range_returns_exactly_the_samples_inside(kind, frame, data):
    ends = st.sampled_from(frame.timestamps_ms.tolist()) | st.integers(-(2**60), 2**60)
    time_range = TimeRange(*sorted((data.draw(ends), data.draw(ends))))
    assert content(through_the_server(frame, time_range, kind)) == content(frame.within(time_range))


@given(frame=frames(), max_frame_bytes=st.integers(1, 3000))
def test_frame_size_changes_nothing(frame, max_frame_bytes):
    body = b"".join(encode_streamed(frame, max_frame_bytes=max_frame_bytes))
    assert content(decode_streamed(body, TimeRange(-(2**63), 2**63 - 1), LIMITS)) == content(frame)


@settings(max_examples=50)
@given(frame=frames(), data=st.data())
def test_chunks_in_any_order_and_sent_twice_are_merged(frame, data):
    parts = list(encode_streamed(frame, max_frame_bytes=1))
    again = data.draw(st.permutations(parts + parts[:3]))
    assert content(decode_streamed(b"".join(again), TimeRange(-(2**63), 2**63 - 1), LIMITS)) == content(frame)


MATCHERS = st.builds(Matcher, TEXT, st.sampled_from(MatchOp), st.sampled_from(["", "a", "a|b.*", "[0-9]+", "é"]))
QUERIES = st.builds(
    ReadQuery,
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1)).map(
        lambda ends: TimeRange(min(ends), max(ends))
    ),
    st.lists(MATCHERS, max_size=4).map(tuple),
)


@given(queries=st.lists(QUERIES, max_size=3).map(tuple), accepted=st.lists(st.sampled_from(ResponseType)).map(tuple))
def test_a_request_survives(queries, accepted):
    assert decode_request(encode_request(queries, accepted), LIMITS) == (queries, accepted)
