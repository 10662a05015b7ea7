import struct

import pytest

from pronoia.errors import DecodeError, ResponseTooLarge
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.codec import ReadLimits, decode_samples, encode_samples
from pronoia.remote_read.labels import encode_labels
from pronoia.series import LabelSet, SeriesFrame, TimeRange

UP = LabelSet({"__name__": "up", "job": "node"})
DOWN = LabelSet({"__name__": "down"})
ALWAYS = TimeRange(-(2**62), 2**62)
LIMITS = ReadLimits()
NOW_MS = 1_700_000_000_000


def sample(timestamp_ms, value):
    return protobuf.span(2, b"\x09" + struct.pack("<d", value) + protobuf.number(2, timestamp_ms))


def answer(*series):
    return snappy.compress(protobuf.span(1, b"".join(protobuf.span(1, fields) for fields in series)))


def test_an_answer_without_results_or_series_is_empty():
    assert decode_samples(snappy.compress(b""), ALWAYS, LIMITS).n_series == 0
    assert decode_samples(answer(), ALWAYS, LIMITS).n_series == 0


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 1, 2**35, 2**35 - 1, NOW_MS, 2**42 - 1, 2**42, 2**60])
@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, float("inf")])
def test_every_length_of_sample_is_read(timestamp_ms, value):
    frame = SeriesFrame.from_series({UP: ([timestamp_ms], [value])})
    decoded = decode_samples(encode_samples([frame]), ALWAYS, LIMITS)
    assert decoded.timestamps_ms.tolist() == [timestamp_ms]
    assert decoded.values.tobytes() == frame.values.tobytes()


def test_long_and_short_samples_may_alternate():
    times = [NOW_MS + 1000 * i for i in range(50)]
    frame = SeriesFrame.from_series({UP: (times, [float(i % 3) for i in range(50)])})
    decoded = decode_samples(encode_samples([frame]), ALWAYS, LIMITS)
    assert decoded.values.tolist() == frame.values.tolist()


def test_fields_of_a_sample_may_come_in_any_order_with_unknown_ones_between():
    fields = protobuf.number(2, NOW_MS) + protobuf.span(7, b"?") + b"\x09" + struct.pack("<d", 2.5)
    decoded = decode_samples(answer(encode_labels(UP) + protobuf.span(2, fields)), ALWAYS, LIMITS)
    assert (decoded.timestamps_ms.tolist(), decoded.values.tolist()) == ([NOW_MS], [2.5])


def test_samples_are_trimmed_sorted_and_deduplicated():
    samples = b"".join(sample(NOW_MS + t, v) for t, v in [(3, 1.0), (1, 2.0), (3, 3.0), (9, 4.0)])
    decoded = decode_samples(answer(encode_labels(UP) + samples), TimeRange(NOW_MS + 1, NOW_MS + 3), LIMITS)
    assert (decoded.timestamps_ms - NOW_MS).tolist() == [1, 3]
    assert decoded.values.tolist() == [2.0, 3.0]


def test_each_query_has_its_own_result():
    first, second = (SeriesFrame.from_series({labels: ([1], [1.0])}) for labels in (UP, DOWN))
    body = encode_samples([first, second])
    assert decode_samples(body, ALWAYS, LIMITS).labels == (UP,)
    assert decode_samples(body, ALWAYS, LIMITS, query_index=1).labels == (DOWN,)
    assert decode_samples(body, ALWAYS, LIMITS, query_index=2).n_series == 0


def test_native_histograms_are_left_out_and_counted_and_exemplars_passed_over():
    counted = []
    histograms = protobuf.span(4, b"whatever") * 3
    body = answer(encode_labels(DOWN) + histograms, encode_labels(UP) + protobuf.span(3, b"exemplar") + sample(1, 2.0))
    assert decode_samples(body, ALWAYS, LIMITS, on_histograms=counted.append).labels == (UP,)
    assert counted == [3]


@pytest.mark.parametrize(
    "fields",
    [
        protobuf.span(2, b"\x09" + 7 * b"x"),
        protobuf.span(2, b"\x10\x80"),
        b"\x12\x10\x09" + 8 * b"x" + b"\x10" + 6 * b"\xff",
        b"\x12\x7f",
        b"\x0b",
    ],
)
def test_a_malformed_series_is_a_decode_error(fields):
    with pytest.raises(DecodeError):
        decode_samples(answer(fields), ALWAYS, LIMITS)


def test_too_much_is_refused():
    body = encode_samples([SeriesFrame.from_series({labels: ([1, 2], [1.0, 2.0]) for labels in (UP, DOWN)})])
    with pytest.raises(ResponseTooLarge, match=r"4 samples, limits.max_samples is 3"):
        decode_samples(body, ALWAYS, ReadLimits(max_samples=3))
    with pytest.raises(ResponseTooLarge, match=r"2 series, limits.max_series is 1"):
        decode_samples(body, ALWAYS, ReadLimits(max_series=1))
    with pytest.raises(ResponseTooLarge, match="the decompressed remote-read answer"):
        decode_samples(body, ALWAYS, ReadLimits(max_decompressed_bytes=50))
    with pytest.raises(ResponseTooLarge, match="the remote-read answer is"):
        decode_samples(body, ALWAYS, ReadLimits(max_response_bytes=20))
