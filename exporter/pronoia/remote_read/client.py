"""RemoteReadClient: raw samples of one upstream over remote-read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pronoia.errors import DecodeError, SeriesLimitExceeded, UnsupportedChunkEncoding
from pronoia.remote_read.codec import decode_samples, decode_streamed
from pronoia.remote_read.histograms import ignore_histograms
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import encode_request
from pronoia.series.frame import merge_frames
from pronoia.transport.failures import wrong_content_type
from pronoia.transport.observed import observed
from pronoia.transport.session import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.remote_read.histograms import HistogramListener
    from pronoia.series import Matcher, SeriesFrame, TimeRange
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.observed import Measured
    from pronoia.transport.reply import Reply
    from pronoia.transport.session import UpstreamSession

#: A day and the minutes before it that a window looks back on are one request and not two, whose chunks would overlap.
_STRETCH = 1.25
_STREAMED_OR_SAMPLES = (ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES)
_SAMPLES_ONLY = (ResponseType.SAMPLES,)
_HEADERS = {
    "Accept-Encoding": "snappy",
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Read-Version": "0.1.0",
}


class RemoteReadClient:
    """Reads series by matchers. Safe to share by threads.

    Streamed chunks are asked for first; a server that answers with a chunk encoding unknown here is asked for plain
    samples from then on.

    Args:
        session: the upstream's session; limits and slice width are in its settings.
    """

    def __init__(self, session: UpstreamSession) -> None:
        self._session = session
        limits = session.settings.limits
        self._limits = ReadLimits(
            max_frame_bytes=limits.max_frame_bytes,
            max_response_bytes=limits.max_response_bytes,
            max_decompressed_bytes=limits.max_decompressed_bytes,
            max_samples=limits.max_samples,
            max_series=limits.max_series,
        )
        self._accepted: tuple[ResponseType, ...] = _STREAMED_OR_SAMPLES

    def read(
        self,
        matchers: Sequence[Matcher],
        time_range: TimeRange,
        deadline: Deadline | None = None,
        *,
        on_histograms: HistogramListener = ignore_histograms,
    ) -> SeriesFrame:
        """Every stored sample inside the range, both ends included, of all series that match.

        Args:
            matchers: conditions on the labels; at least one.
            time_range: read in slices, one request each, oldest first; at once if it is at most a quarter longer than
                a slice.
            deadline: for the whole read; the settings' timeout by default.
            on_histograms: told how many samples of native histograms were left out, for each answer that had any.

        Returns:
            Staleness markers are kept: they say where a series ended.

        Raises:
            UpstreamError: as `UpstreamSession.send` and the decoders raise it; nothing is returned of a read that
                failed half way.
            SeriesLimitExceeded: if the slices hold more series or samples together than allowed.
        """
        deadline = deadline or self._session.deadline()
        slice_ms = max(1, round(self._session.settings.slice_seconds * 1000))
        is_short = time_range.duration_ms <= _STRETCH * slice_ms
        frames: list[SeriesFrame] = []
        labels: set[object] = set()
        n_samples = 0
        for part in (time_range,) if is_short else time_range.slices(slice_ms):
            limits = dataclasses.replace(self._limits, n_samples_before=n_samples)
            frame = self._read_slice(ReadQuery(part, tuple(matchers)), limits, deadline, on_histograms)
            frames.append(frame)
            n_samples += frame.n_samples
            labels.update(frame.labels)
            if len(labels) > limits.max_series:
                raise SeriesLimitExceeded("series", len(labels), limits.max_series, "limits.max_series")
        return merge_frames(frames)

    def _read_slice(
        self, query: ReadQuery, limits: ReadLimits, deadline: Deadline, on_histograms: HistogramListener
    ) -> SeriesFrame:
        accepted = self._accepted
        try:
            return self._ask(query, accepted, limits, deadline, on_histograms)
        except UnsupportedChunkEncoding:
            if accepted == _SAMPLES_ONLY:
                raise
        self._accepted = _SAMPLES_ONLY
        self._session.observer.on_fallback(self._session.settings.name, "chunk_encoding")
        return self._ask(query, _SAMPLES_ONLY, limits, deadline, on_histograms)

    def _ask(
        self,
        query: ReadQuery,
        accepted: tuple[ResponseType, ...],
        limits: ReadLimits,
        deadline: Deadline,
        on_histograms: HistogramListener,
    ) -> SeriesFrame:
        call = Call("POST", "/api/v1/read", encode_request([query], accepted), _HEADERS)
        with observed(self._session, "remote_read") as measured:
            reply = self._session.send(call, deadline)
            measured.received_bytes = len(reply.body)
            frame = self._decode(reply, query.time_range, limits, measured)
            measured.n_samples = frame.n_samples
        if measured.n_histograms:
            on_histograms(measured.n_histograms)
        return frame

    def _decode(self, reply: Reply, time_range: TimeRange, limits: ReadLimits, measured: Measured) -> SeriesFrame:
        match reply.content_type:
            case "application/x-streamed-protobuf":
                measured.response_type = "streamed_xor_chunks"
                if not reply.is_delimited:
                    # A stream that ends between two frames looks complete; only chunks or a length tell.
                    raise DecodeError(f"{reply.url}: a streamed answer needs chunked transfer or a Content-Length")
                return decode_streamed(reply.body, time_range, limits, on_histograms=measured.count_histograms)
            case "application/x-protobuf":
                measured.response_type = "samples"
                return decode_samples(reply.body, time_range, limits, on_histograms=measured.count_histograms)
            case _:
                raise wrong_content_type(reply, "application/x-streamed-protobuf or application/x-protobuf")
