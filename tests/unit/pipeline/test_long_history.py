"""Thirty days at 15 s are read without ever being held: memory is bounded by the result and a slice or two."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pronoia.pipeline.incremental import IncrementalReader
from pronoia.pipeline.upstream import Upstream
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import LabelSet, SeriesFrame
from pronoia.transport.settings import UpstreamSettings
from support.fake_upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.series import TimeRange

SECOND = 1000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
NOW = 20_000 * DAY
EVERY_MS = 15 * SECOND
STEP_MS = 5 * MINUTE
N_SERIES = 60
SAMPLE_BYTES = 16
SLICE_BYTES = N_SERIES * DAY // EVERY_MS * SAMPLE_BYTES
LABELS = tuple(LabelSet({"__name__": "requests_total", "instance": f"host{i:02}"}) for i in range(N_SERIES))


def counters(_: RemoteReadClient, __: object, time_range: TimeRange, *___: object, **____: Any) -> SeriesFrame:
    """Series i grows by i a second."""
    times = np.arange(-(-time_range.start_ms // EVERY_MS), time_range.end_ms // EVERY_MS + 1) * EVERY_MS
    values = np.empty((N_SERIES, len(times)))
    np.multiply.outer(np.arange(N_SERIES), times / 1000, out=values)
    return SeriesFrame(LABELS, np.tile(times, N_SERIES), values.reshape(-1), len(times) * np.arange(N_SERIES + 1))


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    monkeypatch.setattr(RemoteReadClient, "read", counters)
    with FakeUpstream(lambda handler: handler.reply(404)) as server:
        yield Upstream(UpstreamSettings("synthetic", server.url, max_retries=0))


def peak_bytes(upstream: Upstream, expression: str, days: int) -> tuple[SeriesFrame, int]:
    # What is compiled at the first call is no part of reading.
    IncrementalReader(upstream, expression, window_ms=DAY // 8, step_ms=STEP_MS).refresh(NOW)
    reader = IncrementalReader(upstream, expression, window_ms=days * DAY, step_ms=STEP_MS)
    tracemalloc.start()
    try:
        history = reader.refresh(NOW)
        peak = tracemalloc.get_traced_memory()[1]
        return history.joined(), peak
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("expression", ["requests_total", "rate(requests_total[5m])"])
def test_of_a_result_as_large_as_the_grid(upstream: Upstream, expression: str) -> None:
    frame, peak = peak_bytes(upstream, expression, days=30)
    result_bytes = frame.n_samples * SAMPLE_BYTES
    raw_bytes = 30 * SLICE_BYTES
    assert frame.n_samples >= N_SERIES * 30 * DAY // STEP_MS
    assert peak < 3 * result_bytes + 2 * SLICE_BYTES
    assert peak < raw_bytes / 3


def test_of_an_aggregate_it_is_the_slices_alone(upstream: Upstream) -> None:
    frame, peak = peak_bytes(upstream, "sum(rate(requests_total[5m]))", days=30)
    assert np.allclose(frame.values, sum(range(N_SERIES)))
    assert peak < 3 * SLICE_BYTES


def test_of_long_windows_it_is_a_window_and_a_slice_as_long_and_what_their_evaluation_takes(upstream: Upstream) -> None:
    """So that no day is read more than twice."""
    frame, peak = peak_bytes(upstream, "max(max_over_time(requests_total[3d]))", days=12)
    assert frame.n_samples == 12 * DAY // STEP_MS + 1
    assert peak < 2 * (3 + 3) * SLICE_BYTES
