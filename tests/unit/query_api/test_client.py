from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import numpy as np
import pytest

from pronoia.errors import DecodeError, SeriesLimitExceeded, UpstreamStatus
from pronoia.query_api.client import MOST_POINTS, QueryApiClient
from pronoia.series import Grid, LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamLimits
from support.fake_upstream import FakeUpstream, Handler
from support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

MATCHERS = [Matcher("__name__", MatchOp.EQUAL, "load"), Matcher("path", MatchOp.EQUAL, 'a"b\\c')]
LABELS = {"__name__": "load", "path": 'a"b\\c'}


@dataclass
class Api:
    """The HTTP API of a server that stores one series with a sample at each full second.

    Args:
        is_left_open: whether a range selector leaves out its left end, as since Prometheus 3.0.
    """

    is_left_open: bool = False
    last_ms: int = 100_000_000
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, handler: Handler) -> None:
        parameters = dict(parse_qsl(handler.received.body.decode(), strict_parsing=True))
        self.asked.append(parameters)
        if handler.path == "/api/v1/query_range":
            times = self._grid(parameters)
            if len(times) - 1 > MOST_POINTS:
                error = "exceeded maximum resolution of 11,000 points per timeseries."
                handler.reply(400, json.dumps({"status": "error", "errorType": "bad_data", "error": error}).encode())
                return
        else:
            times = self._range(parameters)
        values = [[ms / 1000, str(ms % 977)] for ms in times]
        reply(handler, [{"metric": LABELS, "values": values}] if values else [])

    def _grid(self, parameters: dict[str, str]) -> Sequence[int]:
        start, end, step = (round(float(parameters[name]) * 1000) for name in ("start", "end", "step"))
        return range(start, end + 1, step)

    def _range(self, parameters: dict[str, str]) -> Sequence[int]:
        matched = re.fullmatch(r'\{__name__="load",path="a\\"b\\\\c"\}\[(\d+)ms\]', parameters["query"])
        assert matched, parameters["query"]
        end = round(float(parameters["time"]) * 1000)
        start = end - int(matched[1]) + (1 if self.is_left_open else 0)
        return range(-(-start // 1000) * 1000, min(end, self.last_ms) + 1, 1000)


def reply(handler: Handler, result: list[Any], **more: Any) -> None:
    document = {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}
    handler.reply(200, json.dumps(document, separators=(",", ":")).encode(), "application/json; charset=utf-8")


def only_series(frame: SeriesFrame) -> tuple[list[int], list[float]]:
    ((labels, times, values),) = frame
    assert labels == LabelSet(LABELS)
    return times.tolist(), values.tolist()


@pytest.mark.parametrize("is_left_open", [False, True], ids=["before 3.0", "since 3.0"])
@pytest.mark.parametrize("time_range", [TimeRange(5000, 9000), TimeRange(5001, 8999), TimeRange(5000, 5000)])
def test_raw_samples_include_both_ends_on_every_server(is_left_open: bool, time_range: TimeRange) -> None:
    with FakeUpstream(Api(is_left_open)) as upstream:
        frame = QueryApiClient(Recorder().session(upstream.url)).raw(MATCHERS, time_range)
    first_ms = -(-time_range.start_ms // 1000) * 1000
    assert only_series(frame)[0] == list(range(first_ms, time_range.end_ms + 1, 1000))


@pytest.mark.parametrize("is_left_open", [False, True])
def test_raw_samples_of_a_long_range_are_read_in_slices(is_left_open: bool) -> None:
    api = Api(is_left_open)
    with FakeUpstream(api) as upstream:
        client = QueryApiClient(Recorder().session(upstream.url, slice_seconds=60.0))
        times, _ = only_series(client.raw(MATCHERS, TimeRange(1000, 200_000)))
    assert times == list(range(1000, 200_001, 1000))
    assert len(api.asked) == 4


def test_a_long_grid_is_asked_for_in_parts_on_its_own_instants() -> None:
    api, recorder = Api(), Recorder()
    grid = Grid(1_700_000_000_123, 15_000, 2 * MOST_POINTS + 1)
    with FakeUpstream(api) as upstream:
        times, values = only_series(QueryApiClient(recorder.session(upstream.url)).query_range("load", grid))
    assert times == grid.timestamps_ms.tolist()
    assert values == (grid.timestamps_ms % 977).tolist()
    assert [asked["start"] for asked in api.asked] == ["1700000000.123", "1700165000.123", "1700330000.123"]
    assert {asked["step"] for asked in api.asked} == {"15.000"}
    assert {(details.path, details.outcome, details.response_type) for details in recorder.requests} == {
        ("query_api", "200", "matrix")
    }


def test_an_empty_grid_asks_nothing() -> None:
    with FakeUpstream() as upstream:
        frame = QueryApiClient(Recorder().session(upstream.url)).query_range("load", Grid(0, 1000, 0))
    assert frame.n_series == 0
    assert upstream.received == []


def test_the_server_is_told_how_long_we_wait() -> None:
    api = Api()
    with FakeUpstream(api) as upstream:
        QueryApiClient(Recorder().session(upstream.url, timeout_seconds=30)).query_range("load", Grid(0, 1000, 2))
    assert 25 < float(api.asked[0]["timeout"]) <= 30


def test_what_the_server_says_about_a_bad_query_is_told() -> None:
    def refuse(handler: Handler) -> None:
        error = {"status": "error", "errorType": "bad_data", "error": "1:5: parse error: unclosed left parenthesis"}
        handler.reply(400, json.dumps(error).encode(), "application/json")

    with FakeUpstream(refuse) as upstream, pytest.raises(UpstreamStatus, match="bad_data: 1:5: parse error") as caught:
        QueryApiClient(Recorder().session(upstream.url)).query_range("sum(", Grid(0, 1000, 2))
    assert caught.value.status == 400


def test_a_warning_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with FakeUpstream(lambda handler: reply(handler, [], warnings=["store gone"])) as upstream:
        QueryApiClient(Recorder().session(upstream.url)).query_range("load", Grid(0, 1000, 2))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "upstream main: the answer may be incomplete: store gone"


def test_a_page_instead_of_json_is_named() -> None:
    with (
        FakeUpstream(lambda handler: handler.reply(200, b"<html>", "text/html")) as upstream,
        pytest.raises(DecodeError, match=r"content type is text/html .*application/json is needed"),
    ):
        QueryApiClient(Recorder().session(upstream.url)).query_range("load", Grid(0, 1000, 2))


def test_limits_hold_over_all_parts() -> None:
    limits = UpstreamLimits(max_samples=150)
    with FakeUpstream(Api()) as upstream:
        client = QueryApiClient(Recorder().session(upstream.url, limits=limits, slice_seconds=60.0))
        with pytest.raises(SeriesLimitExceeded, match=r"samples, limits.max_samples is 150"):
            client.raw(MATCHERS, TimeRange(1000, 200_000))


def test_values_keep_their_last_bit() -> None:
    values = np.random.default_rng(1).normal(size=100)
    entries = [{"metric": LABELS, "values": [[i, repr(value)] for i, value in enumerate(values.tolist())]}]
    with FakeUpstream(lambda handler: reply(handler, entries)) as upstream:
        frame = QueryApiClient(Recorder().session(upstream.url)).query_range("load", Grid(0, 1000, 100))
    assert frame.values.tolist() == values.tolist()
