"""What remote-read decodes equals what the HTTP API of a real Prometheus tells, sample for sample."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests

import pronoia
from pronoia.promql.selector import parse_selector
from pronoia.remote_read.client import RemoteReadClient
from pronoia.remote_read.codec import decode_samples, decode_streamed
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import encode_request
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame, TimeRange, drop_stale, is_stale
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings
from support.exporters import NodeExporter, PageExporter, job
from support.processes import wait_for
from support.prometheus import Prometheus, PrometheusConfig
from support.remote_write import remote_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    Read: TypeAlias = Callable[[str, str, TimeRange], SeriesFrame]

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
STEP_MS = 15_000


def over_http(url: str, selector: str, time_range: TimeRange, kind: ResponseType) -> SeriesFrame:
    reply = requests.post(
        f"{url}/api/v1/read",
        data=encode_request([ReadQuery(time_range, parse_selector(selector))], [kind]),
        headers={
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Read-Version": "0.1.0",
        },
        timeout=30,
    )
    assert reply.status_code == 200, reply.text
    decode = decode_streamed if kind is ResponseType.STREAMED_XOR_CHUNKS else decode_samples
    return decode(reply.content, time_range, ReadLimits())


def by_streamed_chunks(url: str, selector: str, time_range: TimeRange) -> SeriesFrame:
    return over_http(url, selector, time_range, ResponseType.STREAMED_XOR_CHUNKS)


def by_samples(url: str, selector: str, time_range: TimeRange) -> SeriesFrame:
    return over_http(url, selector, time_range, ResponseType.SAMPLES)


def by_client(url: str, selector: str, time_range: TimeRange) -> SeriesFrame:
    session = UpstreamSession(UpstreamSettings("real", url, slice_seconds=2 * 3600))
    return RemoteReadClient(session).read(parse_selector(selector), time_range)


def by_sdk(url: str, selector: str, time_range: TimeRange) -> SeriesFrame:
    return pronoia.read(url, selector, time_range.start_ms / 1000, time_range.end_ms / 1000)


WAYS = [by_streamed_chunks, by_samples, by_client, by_sdk]


@dataclass(frozen=True)
class Stored:
    """A Prometheus that holds awkward samples, and the range in which nothing is added any more."""

    server: Prometheus
    whole: TimeRange


def past_samples(end_ms: int) -> SeriesFrame:
    """26 hours of gauges and counters, with resets, gaps, irregular instants and every kind of float."""
    rng = np.random.default_rng(7)
    times = end_ms - STEP_MS * np.arange(26 * 240, dtype=np.int64)[::-1]
    n = len(times)
    extreme = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1.7976931348623157e308, -1e-300, 2.0**53, 1 / 3])
    series: dict[LabelSet, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}

    def add(name: str, at: NDArray[np.int64], values: NDArray[np.float64], **labels: str) -> None:
        series[LabelSet({"__name__": name, **labels})] = (at, values)

    for i in range(4):
        add("walk_gauge", times, np.cumsum(rng.normal(size=n)), instance=f"node{i}", zone='zürich \\ "a"')
    add("constant_gauge", times, np.full(n, 0.1))
    add("zero_gauge", times, np.zeros(n))
    add("integer_gauge", times, rng.integers(-1000, 1000, n).astype(float))
    add("extreme_gauge", times, extreme[rng.integers(0, len(extreme), n)])
    add("sparse_gauge", times[::997], rng.normal(size=len(times[::997])))
    add("single_gauge", times[-1:], np.array([42.0]))
    jitter = np.unique(times + rng.integers(-6_000, 6_000, n))
    add("irregular_gauge", jitter, rng.normal(size=len(jitter)))
    gap = (times < end_ms - 9 * HOUR_MS) | (times > end_ms - 5 * HOUR_MS)
    gap &= rng.random(n) > 0.2
    add("gap_gauge", times[gap], np.cumsum(rng.normal(size=gap.sum())))
    for i, reset_every in enumerate((n + 1, 500, 7)):
        increments = rng.poisson(3.0, n).astype(float)
        total = np.cumsum(increments)
        restarts = np.arange(n) // reset_every * reset_every
        add("requests_total", times, total - total[restarts] + increments[restarts], instance=f"node{i}")
    add("seconds_total", times, np.cumsum(rng.random(n)))
    return SeriesFrame.from_series(series)


def overlapping(end_ms: int, *, odd: bool) -> SeriesFrame:
    """Every other sample of one series, so that two sets of blocks hold it interleaved."""
    times = end_ms - 10_000 * np.arange(3_000, dtype=np.int64)[::-1]
    mine = slice(1, None, 2) if odd else slice(0, None, 2)
    return SeriesFrame.from_series({LabelSet({"__name__": "late_block_gauge"}): (times[mine], np.sqrt(times[mine]))})


def written_late(now_ms: int) -> list[SeriesFrame]:
    """Four writes of one series whose times go back and forth, the last with a staleness marker in the middle."""
    rng = np.random.default_rng(8)
    times = now_ms - 50 * MINUTE_MS + 2_000 * np.arange(1_400, dtype=np.int64)
    values = np.cumsum(rng.normal(size=len(times)))
    newest = np.arange(len(times)) >= 1_200
    later = rng.integers(0, 3, len(times))
    labels = LabelSet({"__name__": "out_of_order_gauge", "instance": "a"})
    writes = [newest] + [~newest & (later == i) for i in range(3)]
    frames = [SeriesFrame.from_series({labels: (times[mask], values[mask])}) for mask in writes]
    ended = LabelSet({"__name__": "ended_gauge", "instance": "a"})
    at = np.array([now_ms - 60_000, now_ms - 45_000, now_ms - 30_000, now_ms - 15_000])
    return [*frames, SeriesFrame.from_series({ended: (at, [1.0, 2.0, STALE_NAN, 3.0])})]


@pytest.fixture(scope="module")
def stored(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    folder = tmp_path_factory.mktemp("prometheus")
    now_ms = int(time.time() * 1000)
    # Blocks end an hour ago, so that late samples of the last hour are the head's.
    past_end_ms = now_ms - HOUR_MS - 5 * MINUTE_MS
    with PageExporter("leaving_gauge 1\nstaying_gauge 1\n") as page, NodeExporter(folder / "node_exporter") as node:
        config = PrometheusConfig(
            scrape=[job("page", page.address), job("node", node.address)],
            out_of_order_time_window="2h",
            # Which is its timeout, too: a scrape that is late would end series too early.
            scrape_interval="3s",
        )
        server = Prometheus(folder / "prometheus", config)
        server.backfill(past_samples(past_end_ms))
        server.backfill(overlapping(past_end_ms, odd=False))
        server.backfill(overlapping(past_end_ms, odd=True))
        with server:
            for frame in written_late(now_ms):
                assert remote_write(server.url, frame).status_code == 204
            wait_for(lambda: server.scraped("page") and server.scraped("node"), "scrape")
            seen = "count_over_time(leaving_gauge[1m])"
            wait_for(lambda: max(server.query(seen).values(), default=0) >= 3, "third scrape")
            page.page = "staying_gauge 1\n"
            wait_for(lambda: not server.query("leaving_gauge"), "end of the series that left its page")
            page.__exit__()
            wait_for(lambda: list(server.query('up{job="page"}').values()) == [0.0], "failed scrape")
            time.sleep(1.5)
            # A sample's instant is the scrape's start; what started before this has been stored by then.
            end_ms = int(time.time() * 1000) - 1_000
            time.sleep(1.5)
            yield Stored(server, TimeRange(past_end_ms - 27 * HOUR_MS, end_ms))


def by_labels(frame: SeriesFrame) -> dict[str, tuple[list[int], list[int]]]:
    """Bits instead of floats, so that NaN equals NaN; -0 counts as 0, as SAMPLES answers leave both out on the wire."""
    out = {}
    for labels, times, values in frame:
        bits = np.where(np.isnan(values), np.nan, np.where(values == 0, 0.0, values)).view(np.int64)
        out[str(labels)] = (times.tolist(), bits.tolist())
    return out


def assert_same_samples(got: SeriesFrame, expected: SeriesFrame) -> None:
    got.check_order()
    decoded, told = by_labels(drop_stale(got)), by_labels(expected)
    assert sorted(decoded) == sorted(told)
    for labels, (times, bits) in told.items():
        assert decoded[labels][0] == times, f"instants of {labels}"
        assert decoded[labels][1] == bits, f"values of {labels}"


SELECTORS = {
    "gauges": '{__name__=~"(walk|constant|zero|integer|extreme|sparse|single)_gauge"}',
    "counters with resets": '{__name__=~"(requests|seconds)_total"}',
    "gaps": 'gap_gauge{job=""}',
    "irregular instants": "irregular_gauge",
    "blocks that overlap": "late_block_gauge",
    "samples out of order": 'out_of_order_gauge{instance!~"b|c"}',
    "a marker written in the middle": "ended_gauge",
    "series that ended": '{__name__=~"leaving_gauge|staying_gauge"}',
    "a real node": 'node_cpu_seconds_total{job="node",mode!="idle"}',
    "all of a real node": '{job="node"}',
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("selector", SELECTORS.values(), ids=SELECTORS)
def test_every_sample_is_the_http_api_s(stored: Stored, way: Read, selector: str) -> None:
    expected = stored.server.samples(selector, stored.whole)
    assert expected.n_samples > 0
    assert_same_samples(way(stored.server.url, selector, stored.whole), expected)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_was_backfilled_is_what_is_read(stored: Stored, way: Read) -> None:
    """The HTTP API is no judge of itself: here the samples that were written are."""
    read = by_labels(way(stored.server.url, '{__name__=~".*_gauge|.*_total",job=""}', stored.whole))
    for labels, samples in by_labels(past_samples(stored.whole.start_ms + 27 * HOUR_MS)).items():
        assert read[labels] == samples, labels


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("before_end_ms", [(7 * HOUR_MS + 7_001, 6 * HOUR_MS + 3), (3 * HOUR_MS, 3 * HOUR_MS)])
def test_chunks_are_trimmed_to_the_range(stored: Stored, way: Read, before_end_ms: tuple[int, int]) -> None:
    past_end_ms = stored.whole.start_ms + 27 * HOUR_MS
    part = TimeRange(past_end_ms - before_end_ms[0], past_end_ms - before_end_ms[1])
    selector = '{__name__=~".*_gauge|.*_total",__name__!="late_block_gauge"}'
    read = way(stored.server.url, selector, part)
    assert by_labels(read) == by_labels(past_samples(past_end_ms).within(part))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_stored_is_an_empty_frame(stored: Stored, way: Read) -> None:
    assert way(stored.server.url, "no_such_metric", stored.whole).n_series == 0
    long_ago = TimeRange(stored.whole.start_ms - 2 * HOUR_MS, stored.whole.start_ms - HOUR_MS)
    assert way(stored.server.url, "walk_gauge", long_ago).n_series == 0


@pytest.mark.parametrize("way", [by_streamed_chunks, by_samples, by_client], ids=lambda way: way.__name__)
def test_staleness_markers_tell_when_a_series_ended(stored: Stored, way: Read) -> None:
    for name in ("leaving_gauge", "staying_gauge"):
        read = way(stored.server.url, name, stored.whole)
        stale = is_stale(read.values)
        assert stale.tolist() == [False] * (len(stale) - 1) + [True], name
        ended_ms = int(read.timestamps_ms[-1])
        assert stored.server.query(name, (ended_ms - 1) / 1000)
        assert not stored.server.query(name, ended_ms / 1000)
    marked = way(stored.server.url, "ended_gauge", stored.whole)
    assert is_stale(marked.values).tolist() == [False, False, True, False]


def test_the_python_face_gives_values_only(stored: Stored) -> None:
    read = by_sdk(stored.server.url, '{__name__=~"leaving_gauge|ended_gauge"}', stored.whole)
    assert not np.isnan(read.values).any()
    assert read.n_series == 2
