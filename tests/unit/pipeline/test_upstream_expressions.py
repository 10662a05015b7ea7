"""Expressions: raw samples by remote-read, evaluated here; by the server where that cannot be."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from pronoia.errors import (
    EvaluationError,
    QueryError,
    QueryTooLarge,
    SeriesLimitExceeded,
    UpstreamUnreachable,
)
from pronoia.pipeline.refusals import LOOK_AGAIN_SECONDS
from pronoia.pipeline.upstream import Upstream
from pronoia.remote_read import protobuf, snappy
from pronoia.remote_read.codec import ReadLimits, encode_streamed
from pronoia.remote_read.labels import encode_labels
from pronoia.remote_read.request import decode_request
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame, TimeRange
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamLimits, UpstreamSettings
from support.fake_upstream import FakeUpstream, Handler
from support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# A multiple of all steps used here.
NOW = 20_000 * DAY
EVERY_MS = 15 * SECOND


@dataclass
class Server:
    """Stores a counter that grows by one a second, sampled every 15 s, under two labels; tells what it is asked."""

    version: str = "3.1.0"
    n_series: int = 2
    has_remote_read: bool = True
    histograms_of: str = ""
    is_away: bool = False
    #: Time ranges of remote reads, and of what the query API was asked to evaluate.
    reads: list[TimeRange] = field(default_factory=list)
    evaluated: list[str] = field(default_factory=list)
    status_pages: int = 0

    def __call__(self, handler: Handler) -> None:
        if self.is_away:
            handler.close_connection = True
        elif handler.path.startswith("/api/v1/status/"):
            self.status_pages += 1
            self._reply(handler, {"version": self.version} if handler.path.endswith("buildinfo") else {})
        elif handler.path != "/api/v1/read":
            asked = parse_qs(handler.received.body.decode())
            self.evaluated.append(asked["query"][0])
            start = float(asked.get("start", asked.get("time", ["0"]))[0])
            result = [{"metric": {"by": "server"}, "values": [[start, "1"]]}]
            self._reply(handler, {"resultType": "matrix", "result": result})
        elif not self.has_remote_read:
            handler.reply(404, b"404 page not found")
        else:
            (query,), _ = decode_request(handler.received.body, ReadLimits())
            self.reads.append(query.time_range)
            name = next(matcher.value for matcher in query.matchers if matcher.name == "__name__")
            if name == self.histograms_of:
                series = encode_labels(LabelSet({"__name__": name})) + protobuf.span(4, b"histogram")
                body = snappy.compress(protobuf.span(1, protobuf.span(1, series)))
                handler.reply(200, body, "application/x-protobuf", {"Content-Encoding": "snappy"})
            else:
                handler.reply_chunked(encode_streamed(self.stored(name, query.time_range)), STREAMED)

    def stored(self, name: str, within: TimeRange) -> SeriesFrame:
        times = np.arange(-(-within.start_ms // EVERY_MS), within.end_ms // EVERY_MS + 1) * EVERY_MS
        columns = times, (times - (NOW - 100 * DAY)) / 1000
        series = {LabelSet({"__name__": name, "n": str(i)}): columns for i in range(self.n_series)}
        return SeriesFrame.from_series(series).without_empty()

    def _reply(self, handler: Handler, data: dict[str, Any]) -> None:
        handler.reply(200, json.dumps({"status": "success", "data": data}).encode(), "application/json")


STREAMED = "application/x-streamed-protobuf"


@dataclass
class Bench:
    """An upstream at a fake server, with a clock that is set by hand."""

    server: Server
    url: str
    recorder: Recorder = field(default_factory=Recorder)
    now: float = 0.0

    def upstream(self, **settings: Any) -> Upstream:
        made = UpstreamSettings("main", self.url, max_retries=0, **settings)
        return Upstream(made, session=UpstreamSession(made, self.recorder, clock=lambda: self.now))


@pytest.fixture
def bench() -> Iterator[Bench]:
    server = Server()
    with FakeUpstream(server) as upstream:
        yield Bench(server, upstream.url)


def content(frame: SeriesFrame) -> dict[str, list[tuple[int, float]]]:
    """Milliseconds before now, and values, of each series."""
    return {
        str(labels): [(NOW - ms, value) for ms, value in zip(times.tolist(), values.tolist(), strict=True)]
        for labels, times, values in frame
    }


def by_server(frame: SeriesFrame) -> bool:
    return frame.labels == (LabelSet({"by": "server"}),)


def test_raw_series_are_read_and_the_expression_is_evaluated_here(bench: Bench) -> None:
    upstream = bench.upstream()
    frame = upstream.read("sum(count_over_time(requests_total[5m]))", TimeRange(NOW - 61_000, NOW + 59_000), MINUTE)
    assert content(frame) == {"{}": [(MINUTE, 40.0), (0, 40.0)]}
    assert bench.server.reads == [TimeRange(NOW - 6 * MINUTE, NOW)]
    assert bench.server.evaluated == []
    assert upstream.path_of("sum(rate(requests_total[5m]))") == "remote_read"


def test_no_instant_inside_the_range_asks_nobody(bench: Bench) -> None:
    assert bench.upstream().read("-up", TimeRange(NOW + 1, NOW + MINUTE - 1), MINUTE).n_series == 0
    assert (bench.server.reads, bench.server.status_pages) == ([], 0)


def test_nan_is_a_value_and_an_instant_without_one_is_left_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [NOW - 2 * MINUTE, NOW - MINUTE]
    frame = SeriesFrame.from_series({LabelSet({"__name__": "a"}): (times, [0.0, STALE_NAN])})
    monkeypatch.setattr(Server, "stored", lambda _, __, within: frame.within(within))
    values = bench.upstream().read("a / a", TimeRange(NOW - 3 * MINUTE, NOW), MINUTE)
    assert values.timestamps_ms.tolist() == [NOW - 2 * MINUTE]
    assert np.isnan(values.values).tolist() == [True]


def test_selectors_of_the_same_series_cost_one_request(bench: Bench) -> None:
    bench.upstream().read("rate(a[5m]) / rate(a[1h])", TimeRange(NOW, NOW), MINUTE)
    assert bench.server.reads == [TimeRange(NOW - HOUR, NOW)]


def test_ranges_are_those_of_the_servers_version(bench: Bench) -> None:
    """Sixteen samples lie in [0, 225 s], fifteen of them in (0, 225 s]."""
    expression = "count_over_time(a[225s])"
    assert bench.upstream().read(expression, TimeRange(NOW, NOW), MINUTE).values.tolist() == [15.0, 15.0]
    bench.server.version = "2.42.0"
    assert bench.upstream().read(expression, TimeRange(NOW, NOW), MINUTE).values.tolist() == [16.0, 16.0]


def test_after_a_lost_connection_the_version_is_asked_for_again(bench: Bench) -> None:
    upstream = bench.upstream()
    upstream.read("-a", TimeRange(NOW, NOW), MINUTE)
    upstream.read("-a", TimeRange(NOW, NOW), MINUTE)
    assert bench.server.status_pages == 3
    bench.server.is_away = True
    with pytest.raises(UpstreamUnreachable):
        upstream.read("-a", TimeRange(NOW, NOW), MINUTE)
    bench.server.is_away = False
    upstream.read("-a", TimeRange(NOW, NOW), MINUTE)
    assert bench.server.status_pages == 6


def test_a_server_that_is_away_is_an_error_and_no_reason_to_read_otherwise() -> None:
    with FakeUpstream(Server()) as server:
        upstream = Bench(Server(), server.url).upstream()
    with pytest.raises(UpstreamUnreachable):
        upstream.read("-a", TimeRange(NOW, NOW), MINUTE)
    assert upstream.path_of("-a") == "remote_read"


class TestTheServerEvaluates:
    def test_what_is_not_supported_here(self, bench: Bench) -> None:
        upstream = bench.upstream()
        assert by_server(upstream.read("limitk(1, a)", TimeRange(NOW, NOW), MINUTE))
        assert bench.server.evaluated == ["limitk(1, a)"]
        assert upstream.path_of("limitk(1, a)") == "query_api"
        assert upstream.path == "remote_read"

    def test_unless_it_may_not(self, bench: Bench) -> None:
        upstream = bench.upstream(read="remote_read")
        with pytest.raises(QueryError, match=r"limitk .*read: remote_read") as caught:
            upstream.read("a + limitk(1, a)", TimeRange(NOW, NOW), MINUTE)
        assert caught.value.position == 4

    def test_all_where_there_is_no_remote_read(self, bench: Bench) -> None:
        bench.server.has_remote_read = False
        upstream = bench.upstream()
        assert by_server(upstream.read("rate(a[5m])", TimeRange(NOW, NOW), MINUTE))
        assert upstream.path_of("rate(a[5m])") == "query_api"
        assert bench.recorder.fallbacks == ["no_remote_read"]

    def test_all_where_it_is_configured(self, bench: Bench) -> None:
        upstream = bench.upstream(read="query_api")
        assert by_server(upstream.read("rate(a[5m])", TimeRange(NOW, NOW), MINUTE))
        assert upstream.path_of("rate(a[5m])") == "query_api"
        assert (bench.server.reads, bench.server.status_pages) == ([], 0)

    def test_at_multiples_of_the_step(self, bench: Bench) -> None:
        frame = bench.upstream(read="query_api").read("rate(a[5m])", TimeRange(NOW - 59_000, NOW + 1), MINUTE)
        assert frame.timestamps_ms.tolist() == [NOW]

    def test_expressions_over_native_histograms_from_then_on(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "pronoia.pipeline.planner")
        bench.server.histograms_of = "latency"
        upstream = bench.upstream()
        for _ in range(3):
            assert by_server(upstream.read("rate(latency[5m])", TimeRange(NOW, NOW), MINUTE))
        assert len(bench.server.reads) == 1
        assert bench.recorder.fallbacks == ["native_histograms"]
        assert upstream.path_of("rate(latency[5m])") == "query_api"
        assert not by_server(upstream.read("rate(other[5m])", TimeRange(NOW, NOW), MINUTE))
        (record,) = (record for record in caplog.records if record.name == "pronoia.pipeline.planner")
        assert "rate(latency[5m]) is evaluated by the server from now on" in record.getMessage()

    def test_not_those_over_native_histograms_where_it_may_not(self, bench: Bench) -> None:
        bench.server.histograms_of = "latency"
        with pytest.raises(EvaluationError, match=r'\{__name__="latency"\} matches native histograms'):
            bench.upstream(read="remote_read").read("rate(latency[5m])", TimeRange(NOW, NOW), MINUTE)


class TestALongRange:
    def test_is_read_in_slices_with_what_each_needs_before_it(self, bench: Bench) -> None:
        frame = bench.upstream().read("rate(a[5m])", TimeRange(NOW - 3 * DAY + 1, NOW), HOUR)
        probe, *reads = bench.server.reads
        assert probe == TimeRange(NOW - 5 * MINUTE + 1, NOW)
        days = [(NOW - read.start_ms) / HOUR for read in reads]
        # The client asks for a day at a time, so what lies before is a request of its own.
        assert max(read.duration_ms for read in reads) <= DAY
        assert days[0] == pytest.approx(71 + 1 / 12)
        assert [len(times) for _, times, _ in frame] == [72, 72]
        assert np.allclose(frame.values, 1.0)

    def test_is_not_read_in_slices_narrower_than_what_one_instant_needs(self, bench: Bench) -> None:
        bench.upstream(slice_seconds=3600.0).read("avg_over_time(a[1d])", TimeRange(NOW - 2 * DAY + 1, NOW), HOUR)
        read_ms = sum(read.duration_ms for read in bench.server.reads)
        assert read_ms < 4.1 * DAY

    def test_comes_in_parts_that_do_not_overlap(self, bench: Bench) -> None:
        parts = list(bench.upstream().parts("rate(a[5m])", TimeRange(NOW - 2 * DAY + 1, NOW), HOUR))
        assert [np.unique(part.timestamps_ms).tolist() for part in parts] == [
            [NOW - DAY - HOUR * i for i in range(24)][::-1],
            [NOW - HOUR * i for i in range(24)][::-1],
        ]

    def test_of_a_selector_comes_in_parts_too(self, bench: Bench) -> None:
        parts = list(bench.upstream().parts("a", TimeRange(NOW - 2 * DAY + 1, NOW), HOUR))
        assert [part.n_samples for part in parts] == [2 * DAY // EVERY_MS] * 2

    def test_is_one_part_where_its_ends_have_a_meaning(self, bench: Bench) -> None:
        frame = bench.upstream().read("a @ end() - a @ start()", TimeRange(NOW - 2 * DAY, NOW), DAY)
        assert set(frame.values.tolist()) == {2 * 86_400.0}

    def test_is_refused_before_it_is_read_where_its_ends_have_a_meaning_and_it_is_too_long(self, bench: Bench) -> None:
        upstream = bench.upstream(limits=UpstreamLimits(max_samples=5000))
        with pytest.raises(QueryTooLarge, match=r"all 2d need about 23080 samples.* limits.max_samples is 5000"):
            upstream.read("a - a @ start()", TimeRange(NOW - 2 * DAY, NOW), DAY // 8)
        assert len(bench.server.reads) == 1

    def test_is_sliced_where_only_a_text_names_its_ends(self, bench: Bench) -> None:
        parts = bench.upstream().parts('rate(a{at!="@ end()"}[5m])', TimeRange(NOW - 2 * DAY + 1, NOW), HOUR)
        assert len(list(parts)) == 2

    def test_is_read_in_narrower_slices_where_a_day_is_too_much(self, bench: Bench) -> None:
        limits = UpstreamLimits(max_samples=2 * 5760)
        frame = bench.upstream(limits=limits).read("rate(a[5m])", TimeRange(NOW - DAY + 1, NOW), HOUR)
        assert frame.n_samples == 48
        with pytest.raises(SeriesLimitExceeded):
            bench.upstream(limits=limits).read("a - a offset 1d", TimeRange(NOW - 50 * MINUTE, NOW), 10)


class TestAnExpressionThatIsTooLarge:
    def test_is_refused_before_it_is_read_and_not_asked_for_again_at_once(self, bench: Bench) -> None:
        bench.server.n_series = 20
        upstream = bench.upstream(limits=UpstreamLimits(max_series=19))
        for _ in range(2):
            with pytest.raises(QueryTooLarge, match="too much to read") as caught:
                list(upstream.parts("1 - rate(a[5m])", TimeRange(NOW - DAY, NOW), HOUR))
        assert caught.value.position == 9
        assert len(bench.server.reads) == 1
        bench.now += LOOK_AGAIN_SECONDS
        bench.server.n_series = 2
        assert list(upstream.parts("1 - rate(a[5m])", TimeRange(NOW - DAY, NOW), HOUR))

    def test_is_refused_where_a_single_instant_needs_too_much(self, bench: Bench) -> None:
        upstream = bench.upstream(limits=UpstreamLimits(max_samples=10_000))
        with pytest.raises(QueryTooLarge, match="a single instant needs about 80640 samples"):
            upstream.size("sum(avg_over_time(a[7d]))", NOW, MINUTE)

    def test_is_refused_where_its_subquery_needs_too_many_points(self, bench: Bench) -> None:
        with pytest.raises(QueryTooLarge, match="needs 86401 points for each series, max_subquery_points is 11000"):
            bench.upstream().read("max_over_time(a[1d:1s])", TimeRange(NOW, NOW), MINUTE)
        assert bench.server.reads == []

    def test_has_a_size_of_its_answer_where_the_server_evaluates(self, bench: Bench) -> None:
        size = bench.upstream(read="query_api").size("rate(a[5m])", NOW, MINUTE)
        assert (size.n_series, size.samples_per_second) == (1, 1 / 60)

    def test_has_a_size_where_it_is_a_selector(self, bench: Bench) -> None:
        size = bench.upstream().size("a", NOW, MINUTE)
        assert (size.n_series, size.samples_per_second, size.before_ms) == (2, 2 / 15, 0)


def test_samples_are_counted_over_all_selectors(bench: Bench) -> None:
    limits = UpstreamLimits(max_samples=2 * 21)
    assert bench.upstream(limits=limits).read("rate(a[5m])", TimeRange(NOW, NOW), MINUTE).n_samples == 2
    with pytest.raises(SeriesLimitExceeded, match=r"84 samples, limits.max_samples is 42"):
        bench.upstream(limits=limits).read("rate(a[5m]) / rate(b[5m])", TimeRange(NOW, NOW), MINUTE)
