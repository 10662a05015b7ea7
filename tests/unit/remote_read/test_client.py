from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import (
    DecodeError,
    ResponseTooLarge,
    SeriesLimitExceeded,
    UnsupportedChunkEncoding,
    UpstreamStatus,
    UpstreamTimeout,
)
from pronoia.promql.selector import parse_selector
from pronoia.remote_read import client as client_module
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.client import RemoteReadClient
from pronoia.remote_read.codec import ReadLimits, encode_samples, encode_streamed
from pronoia.remote_read.labels import encode_labels
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import decode_request
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.deadline import Deadline
from pronoia.transport.failures import WrongContentType
from pronoia.transport.settings import UpstreamLimits
from support.fake_upstream import FakeUpstream, Handler
from support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable

STREAMED = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
SAMPLES = "application/x-protobuf"
SELECTOR = parse_selector('load{job="node"}')
STEP_MS = 1000
FRAME = SeriesFrame.from_series(
    {
        LabelSet({"__name__": "load", "job": "node", "instance": f"host{i}"}): (
            STEP_MS * np.arange(1, 501),
            np.sin(np.arange(500) + i),
        )
        for i in range(3)
    }
)
WHOLE = TimeRange(0, 500_000)


@dataclass
class Store:
    """Answers remote-read with a frame, in the form asked for first of those it knows."""

    frame: SeriesFrame = FRAME
    knows: tuple[ResponseType, ...] = (ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES)
    asked: list[tuple[ReadQuery, tuple[int, ...]]] = field(default_factory=list)

    def __call__(self, handler: Handler) -> None:
        (query,), accepted = decode_request(handler.received.body, ReadLimits())
        self.asked.append((query, accepted))
        frame = self.frame.within(query.time_range)
        if next(kind for kind in accepted if kind in self.knows) == ResponseType.STREAMED_XOR_CHUNKS:
            handler.reply_chunked(encode_streamed(frame), STREAMED)
        else:
            handler.reply(200, encode_samples([frame]), SAMPLES, {"Content-Encoding": "snappy"})


def equal(left: SeriesFrame, right: SeriesFrame) -> bool:
    a, b = ({labels: (times.tolist(), values.tolist()) for labels, times, values in frame} for frame in (left, right))
    return a == b


def replying(body: bytes, content_type: str = STREAMED) -> FakeUpstream:
    return FakeUpstream(lambda handler: handler.reply(200, body, content_type))


@pytest.mark.parametrize("kind", list(ResponseType))
def test_reads_what_is_stored_in_both_forms(kind: ResponseType) -> None:
    recorder = Recorder()
    with FakeUpstream(Store(knows=(kind,))) as upstream:
        frame = RemoteReadClient(recorder.session(upstream.url)).read(SELECTOR, WHOLE)
    assert equal(frame, FRAME)
    (details,) = recorder.requests
    assert (details.path, details.outcome, details.n_samples) == ("remote_read", "200", 1500)
    assert details.response_type == kind.name.lower()
    assert details.received_bytes > 1000


def test_asks_as_prometheus_does() -> None:
    store = Store()
    with FakeUpstream(store) as upstream:
        RemoteReadClient(Recorder().session(upstream.url + "/prometheus/")).read(SELECTOR, WHOLE)
    (received,) = upstream.received
    assert (received.method, received.path) == ("POST", "/prometheus/api/v1/read")
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["content-encoding"] == "snappy"
    assert headers["accept-encoding"] == "snappy"
    assert headers["x-prometheus-remote-read-version"] == "0.1.0"
    assert store.asked == [(ReadQuery(WHOLE, SELECTOR), (1, 0))]


def test_a_long_range_is_read_in_slices_that_meet_without_overlap() -> None:
    store = Store()
    with FakeUpstream(store) as upstream:
        client = RemoteReadClient(Recorder().session(upstream.url, slice_seconds=100.0))
        assert equal(client.read(SELECTOR, WHOLE), FRAME)
    ranges = [query.time_range for query, _ in store.asked]
    assert ranges == list(WHOLE.slices(100_000))


@pytest.mark.parametrize(("stretch", "n_requests"), [(1.25, 1), (1.26, 2)])
def test_a_range_a_little_longer_than_a_slice_is_one_request(stretch: float, n_requests: int) -> None:
    store = Store()
    with FakeUpstream(store) as upstream:
        session = Recorder().session(upstream.url, slice_seconds=WHOLE.duration_ms / 1000 / stretch)
        assert equal(RemoteReadClient(session).read(SELECTOR, WHOLE), FRAME)
    assert len(store.asked) == n_requests


def test_an_empty_answer_is_an_empty_frame() -> None:
    with FakeUpstream(Store(frame=SeriesFrame.empty())) as upstream:
        assert RemoteReadClient(Recorder().session(upstream.url)).read(SELECTOR, WHOLE).n_series == 0


class TestAnUnknownChunkEncoding:
    @pytest.fixture(autouse=True)
    def _unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def decode_streamed(*_: object, **__: object) -> SeriesFrame:
            raise UnsupportedChunkEncoding(7)

        monkeypatch.setattr(client_module, "decode_streamed", decode_streamed)

    def test_is_answered_by_asking_for_samples_from_then_on(self) -> None:
        store, recorder = Store(), Recorder()
        with FakeUpstream(store) as upstream:
            client = RemoteReadClient(recorder.session(upstream.url))
            assert equal(client.read(SELECTOR, WHOLE), FRAME)
            assert equal(client.read(SELECTOR, WHOLE), FRAME)
        assert [accepted for _, accepted in store.asked] == [(1, 0), (0,), (0,)]
        assert recorder.fallbacks == ["chunk_encoding"]
        assert [details.outcome for details in recorder.requests] == ["chunk_encoding", "200", "200"]

    def test_is_an_error_when_the_server_streams_all_the_same(self) -> None:
        with (
            FakeUpstream(lambda handler: handler.reply_chunked(encode_streamed(FRAME), STREAMED)) as upstream,
            pytest.raises(UnsupportedChunkEncoding),
        ):
            RemoteReadClient(Recorder().session(upstream.url)).read(SELECTOR, WHOLE)
        assert len(upstream.received) == 2


class TestABadAnswer:
    def read(self, upstream: FakeUpstream, recorder: Recorder | None = None, **limits: int) -> SeriesFrame:
        session = (recorder or Recorder()).session(upstream.url, limits=UpstreamLimits(**limits), slice_seconds=250.0)
        return RemoteReadClient(session).read(SELECTOR, WHOLE)

    def test_of_another_content_type_is_named(self) -> None:
        recorder = Recorder()
        with replying(b"<html>", "text/html; charset=utf-8") as upstream, pytest.raises(WrongContentType) as caught:
            self.read(upstream, recorder)
        assert "content type is text/html (a login page or a user interface?)" in str(caught.value)
        assert "application/x-protobuf is needed" in str(caught.value)
        assert recorder.requests[0].outcome == "content_type"

    def test_with_a_damaged_frame_is_a_decode_error(self) -> None:
        body = bytearray(b"".join(encode_streamed(FRAME)))
        body[len(body) // 2] ^= 0x10
        recorder = Recorder()
        with replying(bytes(body)) as upstream, pytest.raises(DecodeError):
            self.read(upstream, recorder)
        assert recorder.requests[0].outcome == "decode"

    def test_with_an_error_text_after_frames_is_a_decode_error(self) -> None:
        # Prometheus has sent its 200 by the time that reading its blocks fails.
        chunks: Iterable[bytes] = [*encode_streamed(FRAME), b"internal error: block is gone\n"]
        with (
            FakeUpstream(lambda handler: handler.reply_chunked(iter(chunks), STREAMED)) as upstream,
            pytest.raises(DecodeError),
        ):
            self.read(upstream)

    def test_with_a_frame_that_declares_a_huge_length_is_refused(self) -> None:
        huge = b"\xff\xff\xff\xff\x7f" + zlib.crc32(b"").to_bytes(4, "big")
        with replying(huge) as upstream, pytest.raises((ResponseTooLarge, DecodeError)):
            self.read(upstream)

    def test_with_a_snappy_block_that_declares_a_huge_length_is_refused(self) -> None:
        lie = b"\xff\xff\xff\xff\x0fxx"
        with replying(lie, SAMPLES) as upstream, pytest.raises(DecodeError, match="declares 4294967295 bytes"):
            self.read(upstream)

    def test_whose_end_cannot_be_told_is_refused(self) -> None:
        def answer(handler: Handler) -> None:
            body = b"".join(encode_streamed(FRAME))
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n\r\n%b" % (STREAMED.encode(), body))
            handler.close_connection = True

        with FakeUpstream(answer) as upstream, pytest.raises(DecodeError, match="chunked transfer or a Content-Length"):
            self.read(upstream)

    def test_with_too_many_samples_over_all_slices_is_refused(self) -> None:
        with FakeUpstream(Store()) as upstream:
            assert self.read(upstream, max_samples=1500).n_samples == 1500
            with pytest.raises((ResponseTooLarge, SeriesLimitExceeded)):
                self.read(upstream, max_samples=1499)

    def test_with_too_many_series_over_all_slices_is_refused(self) -> None:
        early = SeriesFrame.from_series({LabelSet({"__name__": "load", "n": "1"}): ([1000], [1.0])})
        late = SeriesFrame.from_series({LabelSet({"__name__": "load", "n": "2"}): ([400_000], [1.0])})
        both = SeriesFrame.from_series(
            {labels: (times, values) for frame in (early, late) for labels, times, values in frame}
        )
        with FakeUpstream(Store(both)) as upstream:
            assert self.read(upstream, max_series=2).n_series == 2
            with pytest.raises(SeriesLimitExceeded, match=r"2 series, limits.max_series is 1"):
                self.read(upstream, max_series=1)

    def test_that_refuses_the_request_tells_why(self) -> None:
        with (
            FakeUpstream(lambda handler: handler.reply(400, b"exceeded sample limit (5)\n")) as upstream,
            pytest.raises(UpstreamStatus, match=r"HTTP 400 Bad Request: exceeded sample limit \(5\)"),
        ):
            self.read(upstream)


def test_one_deadline_covers_all_slices() -> None:
    clock = iter(range(10_000)).__next__
    with FakeUpstream(Store()) as upstream:
        client = RemoteReadClient(Recorder().session(upstream.url, slice_seconds=1.0))
        with pytest.raises(UpstreamTimeout):
            client.read(SELECTOR, WHOLE, Deadline(100, clock=lambda: float(clock())))
    assert 1 < len(upstream.received) < 100


def test_native_histograms_that_are_left_out_are_told() -> None:
    series = encode_labels(LabelSet({"__name__": "latency"})) + protobuf.span(4, b"one") + protobuf.span(4, b"two")
    body = snappy.compress(protobuf.span(1, protobuf.span(1, series)))
    recorder = Recorder()
    told: list[int] = []
    with FakeUpstream(lambda handler: handler.reply(200, body, SAMPLES, {"Content-Encoding": "snappy"})) as upstream:
        client = RemoteReadClient(recorder.session(upstream.url))
        assert client.read(SELECTOR, WHOLE, on_histograms=told.append).n_series == 0
    assert [details.n_histograms for details in recorder.requests] == [2]
    assert told == [2]


def test_an_answer_without_native_histograms_tells_of_none() -> None:
    told: list[int] = []
    with FakeUpstream(Store()) as upstream:
        RemoteReadClient(Recorder().session(upstream.url)).read(SELECTOR, WHOLE, on_histograms=told.append)
    assert told == []
