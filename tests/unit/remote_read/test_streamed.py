import numpy as np
import pytest

from pronoia.errors import DecodeError, ResponseTooLarge, UnsupportedChunkEncoding
from pronoia.remote_read import protobuf
from pronoia.remote_read.codec import ReadLimits, decode_streamed, encode_streamed
from pronoia.remote_read.labels import encode_labels
from pronoia.remote_read.streamed_encode import seal
from pronoia.series import LabelSet, SeriesFrame, TimeRange

UP = LabelSet({"__name__": "up", "job": "node"})
DOWN = LabelSet({"__name__": "down"})
ALWAYS = TimeRange(-(2**62), 2**62)
LIMITS = ReadLimits()


def frame_of(times, labels=UP, offset=0.0):
    return SeriesFrame.from_series({labels: (times, np.asarray(times) / 2 + offset)})


def body_of(*frames, **options):
    return b"".join(part for frame in frames for part in encode_streamed(frame, **options))


def chunk(encoding, data):
    return protobuf.span(2, protobuf.number(3, encoding) + protobuf.span(4, data))


def series_frame(*fields, labels=UP):
    return seal(protobuf.span(1, encode_labels(labels) + b"".join(fields)))


def test_an_empty_body_is_an_answer_without_series():
    assert decode_streamed(b"", ALWAYS, LIMITS).n_series == 0


def test_samples_are_trimmed_to_the_range_with_both_ends_included():
    frame = decode_streamed(body_of(frame_of(range(0, 1000, 10))), TimeRange(20, 50), LIMITS)
    assert frame.timestamps_ms.tolist() == [20, 30, 40, 50]


def test_a_series_without_samples_in_the_range_is_left_out():
    body = body_of(frame_of([1, 2]), frame_of([50], DOWN))
    assert decode_streamed(body, TimeRange(40, 60), LIMITS).labels == (DOWN,)


def test_a_series_that_spans_frames_is_joined():
    rng = np.random.default_rng(3)
    frame = SeriesFrame.from_series({UP: (np.arange(5000) * 15_000, rng.normal(size=5000))})
    parts = list(encode_streamed(frame, max_frame_bytes=4000))
    assert len(parts) > 5
    assert all(len(part) < 4100 for part in parts)
    decoded = decode_streamed(b"".join(parts), ALWAYS, LIMITS)
    assert decoded.labels == (UP,)
    np.testing.assert_array_equal(decoded.values, frame.values)
    np.testing.assert_array_equal(decoded.timestamps_ms, frame.timestamps_ms)


def test_overlapping_chunks_are_merged_and_the_later_sample_wins():
    body = body_of(frame_of([10, 20, 30, 40]), frame_of([5, 20, 35], offset=100.0))
    decoded = decode_streamed(body, ALWAYS, LIMITS)
    assert decoded.timestamps_ms.tolist() == [5, 10, 20, 30, 35, 40]
    assert decoded.values.tolist() == [102.5, 5.0, 110.0, 15.0, 117.5, 20.0]


def test_frames_of_one_series_need_not_follow_each_other():
    body = body_of(frame_of([1, 2]), frame_of([7], DOWN), frame_of([3]), frame_of([6], DOWN))
    decoded = decode_streamed(body, ALWAYS, LIMITS)
    assert {labels: times.tolist() for labels, times, _ in decoded} == {UP: [1, 2, 3], DOWN: [6, 7]}


def test_only_the_frames_of_the_asked_query_are_taken():
    body = body_of(frame_of([1])) + body_of(frame_of([2]), query_index=1)
    assert decode_streamed(body, ALWAYS, LIMITS, query_index=1).timestamps_ms.tolist() == [2]
    assert decode_streamed(body, ALWAYS, LIMITS).timestamps_ms.tolist() == [1]


def test_fields_may_come_in_any_order_with_unknown_ones_between():
    unknown = protobuf.span(15, b"later") + protobuf.number(14, 3)
    (plain,) = encode_streamed(frame_of([1, 2]))
    fields = plain.split(encode_labels(UP))[1]
    series = unknown + fields + unknown + encode_labels(UP)
    body = seal(unknown + protobuf.number(2, 3) + protobuf.span(1, series) + unknown)
    decoded = decode_streamed(body, ALWAYS, LIMITS, query_index=3)
    assert (decoded.labels, decoded.timestamps_ms.tolist()) == ((UP,), [1, 2])


def test_native_histograms_are_left_out_and_counted():
    histograms = (
        chunk(2, b"\x00\x05...") + chunk(3, b"\x00\x07...") + chunk(5, b"\xc0\x01...") + chunk(6, b"\x40\x02...")
    )
    counted = []
    body = series_frame(histograms) + body_of(frame_of([1], DOWN))
    assert decode_streamed(body, ALWAYS, LIMITS, on_histograms=counted.append).labels == (DOWN,)
    assert counted == [15]


def test_an_answer_without_histograms_reports_none():
    counted = []
    decode_streamed(body_of(frame_of([1])), ALWAYS, LIMITS, on_histograms=counted.append)
    assert counted == []


@pytest.mark.parametrize("encoding", [0, 7, 99, 2**31 - 1])
def test_an_unknown_chunk_encoding_is_named(encoding):
    with pytest.raises(UnsupportedChunkEncoding, match=f"chunk encoding {encoding} is not supported") as caught:
        decode_streamed(series_frame(chunk(encoding, b"\x00\x01abc")), ALWAYS, LIMITS)
    assert caught.value.encoding == encoding


def test_a_flipped_bit_fails_the_checksum():
    body = bytearray(body_of(frame_of([1, 2, 3])))
    body[-1] ^= 4
    with pytest.raises(DecodeError, match=r"CRC-32C does not match its data \(at byte 0\)"):
        decode_streamed(body, ALWAYS, LIMITS)


def test_text_appended_by_a_failing_server_is_a_decode_error():
    with pytest.raises(DecodeError):
        decode_streamed(body_of(frame_of([1])) + b"query timed out\n", ALWAYS, LIMITS)


def test_a_cut_body_is_a_decode_error():
    body = body_of(frame_of([1, 2, 3]))
    for end in range(1, len(body)):
        with pytest.raises(DecodeError):
            decode_streamed(body[:end], ALWAYS, LIMITS)


def test_a_frame_that_declares_too_much_is_refused():
    with pytest.raises(ResponseTooLarge, match="the frame at byte 0 is 99999999999 bytes, the limit is 52428800"):
        decode_streamed(protobuf.uvarint(99_999_999_999) + b"1234data", ALWAYS, LIMITS)


def test_too_many_samples_series_or_bytes_are_refused():
    body = body_of(frame_of(range(100)), frame_of(range(100), DOWN))
    with pytest.raises(ResponseTooLarge, match=r"200 samples, limits.max_samples is 199"):
        decode_streamed(body, ALWAYS, ReadLimits(max_samples=199))
    with pytest.raises(ResponseTooLarge, match=r"2 series, limits.max_series is 1"):
        decode_streamed(body, ALWAYS, ReadLimits(max_series=1))
    with pytest.raises(ResponseTooLarge, match="the remote-read answer is"):
        decode_streamed(body, ALWAYS, ReadLimits(max_response_bytes=len(body) - 1))
    assert decode_streamed(body, ALWAYS, ReadLimits(max_samples=200, max_series=2)).n_samples == 200


def test_a_chunk_cannot_declare_more_samples_than_it_has_bits():
    with pytest.raises(DecodeError, match="a chunk's bits end"):
        decode_streamed(series_frame(chunk(1, b"\xff\xff" + 100 * b"\0")), ALWAYS, LIMITS)


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x00\x01", b"\x00\x01\x80", b"\x00\x01\x02\x03", b"\x00\x02\x02" + 8 * b"\0"]
)
@pytest.mark.parametrize("encoding", [1, 4])
def test_a_chunk_that_ends_too_early_is_a_decode_error(encoding, data):
    with pytest.raises(DecodeError, match="a chunk's bits end"):
        decode_streamed(series_frame(chunk(encoding, data)), ALWAYS, LIMITS)


def test_a_chunk_of_no_samples_is_no_fault():
    assert decode_streamed(series_frame(chunk(1, b"\0\0"), chunk(4, b"\0\0\0")), ALWAYS, LIMITS).n_series == 0


def test_series_leave_the_encoder_sorted_by_their_labels():
    frame = SeriesFrame.from_series({UP: ([1], [1.0]), DOWN: ([1], [2.0])})
    assert decode_streamed(body_of(frame), ALWAYS, LIMITS).labels == (DOWN, UP)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_of_bytes_will_do(kind):
    assert decode_streamed(kind(body_of(frame_of([1]))), ALWAYS, LIMITS).n_samples == 1


def test_little_of_a_large_chunk_does_not_keep_its_memory():
    frame = decode_streamed(body_of(frame_of(range(10_000))), TimeRange(9_990, 9_999), LIMITS)
    assert frame.timestamps_ms.base is None
