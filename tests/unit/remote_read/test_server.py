import pytest

from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import encode_request
from pronoia.remote_read.server import SAMPLES_CONTENT_TYPE, STREAMED_CONTENT_TYPE, respond
from pronoia.remote_read.snappy import compress
from pronoia.series import LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange

HEADERS = {"content-encoding": "snappy", "Content-Type": "application/x-protobuf"}
FRAME = SeriesFrame.from_series({LabelSet({"__name__": name}): ([1, 2, 3], [1.0, 2.0, 3.0]) for name in "ab"})
QUERY = ReadQuery(TimeRange(2, 9), (Matcher("__name__", MatchOp.EQUAL, "a"),))
STREAMED, SAMPLES = ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES


def select(query):
    return FRAME.take([i for i, labels in enumerate(FRAME.labels) if all(m.matches(labels) for m in query.matchers)])


def ask(*accepted, queries=(QUERY,)):
    return respond(encode_request(queries, accepted), HEADERS, select)


@pytest.mark.parametrize("accepted", [(STREAMED,), (STREAMED, SAMPLES)])
def test_streamed_chunks_are_sent_when_asked_for_first(accepted):
    answer = ask(*accepted)
    assert (answer.status, answer.content_type, answer.content_encoding) == (200, STREAMED_CONTENT_TYPE, None)
    decoded = decode_streamed(b"".join(answer.chunks), TimeRange(0, 99), ReadLimits())
    assert (str(decoded.labels[0]), decoded.timestamps_ms.tolist()) == ("a", [2, 3])


@pytest.mark.parametrize("accepted", [(), (SAMPLES,), (SAMPLES, STREAMED)])
def test_samples_are_sent_when_asked_for_first_or_nothing_is_said(accepted):
    answer = ask(*accepted)
    assert (answer.status, answer.content_type, answer.content_encoding) == (200, SAMPLES_CONTENT_TYPE, "snappy")
    decoded = decode_samples(b"".join(answer.chunks), TimeRange(0, 99), ReadLimits())
    assert (str(decoded.labels[0]), decoded.timestamps_ms.tolist()) == ("a", [2, 3])


@pytest.mark.parametrize(("kind", "decode"), [(STREAMED, decode_streamed), (SAMPLES, decode_samples)])
def test_answers_keep_the_order_of_the_queries(kind, decode):
    other = ReadQuery(TimeRange(1, 1), (Matcher("__name__", MatchOp.EQUAL, "b"),))
    nothing = ReadQuery(TimeRange(1, 1), (Matcher("__name__", MatchOp.EQUAL, "c"),))
    body = b"".join(ask(kind, queries=(nothing, QUERY, other)).chunks)
    found = [decode(body, TimeRange(0, 99), ReadLimits(), query_index=i) for i in range(3)]
    assert [[str(labels) for labels in frame.labels] for frame in found] == [[], ["a"], ["b"]]


def test_an_unknown_response_type_is_passed_over_for_a_known_one():
    assert respond(compress(b"\x10\x05\x10\x01"), HEADERS, select).content_type == STREAMED_CONTENT_TYPE


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (compress(b"\x10\x05"), HEADERS, "none of the accepted response types [5] is supported"),
        (b"not snappy", HEADERS, "snappy"),
        (b"\xff\xff\xff\xff\x7f", HEADERS, "declares 34359738367 bytes"),
        (compress(bytes(2**21)), HEADERS, "the limit is 1048576 bytes"),
        (compress(b"\x0b"), HEADERS, "not a valid protobuf message"),
        (compress(b""), {"Content-Encoding": "gzip"}, "Content-Encoding is 'gzip', snappy is needed"),
    ],
)
def test_what_cannot_be_understood_gets_status_400_and_the_reason(body, headers, reason):
    answer = respond(body, headers, select)
    assert (answer.status, answer.content_encoding) == (400, None)
    assert reason in b"".join(answer.chunks).decode()
