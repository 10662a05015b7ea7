from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import pronoia
from pronoia.errors import ConfigError, QueryError, ResponseTooLarge, SeriesLimitExceeded, UpstreamStatus
from pronoia.remote_read.codec import ReadLimits, encode_streamed
from pronoia.remote_read.request import decode_request
from pronoia.series import STALE_NAN, LabelSet, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamLimits
from support.fake_upstream import FakeUpstream, Handler, Received

LOAD = LabelSet({"__name__": "node_load1", "job": "node"})
GONE = LabelSet({"__name__": "node_load1", "job": "node", "instance": "gone"})
STORED = SeriesFrame.from_series(
    {
        LOAD: ([1_700_000_000_000, 1_700_000_015_000, 1_700_000_030_000], [1.0, STALE_NAN, 2.0]),
        GONE: ([1_700_000_000_000], [STALE_NAN]),
    }
)


def answer(handler: Handler) -> None:
    if handler.path != "/api/v1/read":
        handler.reply(404)
        return
    (query,), _ = decode_request(handler.received.body, ReadLimits())
    handler.reply_chunked(encode_streamed(STORED.within(query.time_range)), "application/x-streamed-protobuf")


def reads(upstream: FakeUpstream) -> list[Received]:
    """What was asked for by remote-read; the server's status pages are asked for as well."""
    return [received for received in upstream.received if received.path == "/api/v1/read"]


def asked(upstream: FakeUpstream) -> TimeRange:
    (query,), _ = decode_request(reads(upstream)[0].body, ReadLimits())
    return query.time_range


def test_gives_samples_without_staleness_markers() -> None:
    with FakeUpstream(answer) as upstream:
        frame = pronoia.read(upstream.url, 'node_load1{job="node"}', 1_700_000_000, 1_700_000_030)
    assert frame.labels == (LOAD,)
    assert frame.timestamps_ms.tolist() == [1_700_000_000_000, 1_700_000_030_000]
    assert frame.values.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (1_700_000_000.0005, 1_700_000_030),
        (datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), datetime.fromisoformat("2023-11-14T23:13:50+01:00")),
    ],
    ids=["seconds", "datetimes"],
)
def test_takes_unix_seconds_and_datetimes(start: Any, end: Any) -> None:
    with FakeUpstream(answer) as upstream:
        pronoia.read(upstream.url, "node_load1", start, end)
    assert asked(upstream) == TimeRange(1_700_000_000_000, 1_700_000_030_000)


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (datetime(2023, 11, 14), 1_700_000_030, "start: 2023-11-14 00:00:00 has no time zone"),  # noqa: DTZ001
        (float("nan"), 0, "start: nan is not an instant"),
        (0, float("inf"), "end: inf is not an instant"),
        (10, 5, "end: 5 lies before start, 10"),
    ],
)
def test_instants_that_mean_nothing_are_refused(start: Any, end: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        pronoia.read("http://localhost:9090", "up", start, end)


@pytest.mark.parametrize("selector", ["rate(up[5m])", "up[5m]", "up offset 5m", "up{", ""])
def test_only_selectors_are_read(selector: str) -> None:
    with pytest.raises(QueryError):
        pronoia.read("http://localhost:9090", selector, 0, 1)


@pytest.mark.parametrize("step", [30, 30.0, timedelta(seconds=30)])
def test_an_expression_is_evaluated_at_the_multiples_of_a_step(step: Any) -> None:
    with FakeUpstream(answer) as upstream:
        frame = pronoia.read(upstream.url, "sum(node_load1 * 10)", 1_699_999_999, 1_700_000_031, step=step)
    assert [str(labels) for labels in frame.labels] == ["{}"]
    assert frame.timestamps_ms.tolist() == [1_700_000_010_000]
    assert frame.values.tolist() == [10.0]


def test_a_selector_with_a_step_is_what_a_range_query_shows() -> None:
    with FakeUpstream(answer) as upstream:
        frame = pronoia.read(upstream.url, "node_load1", 1_700_000_000, 1_700_000_030, step=5)
    assert frame.labels == (LOAD,)
    assert frame.timestamps_ms.tolist() == [1_700_000_000_000, 1_700_000_005_000, 1_700_000_010_000, 1_700_000_030_000]
    assert frame.values.tolist() == [1.0, 1.0, 1.0, 2.0]


@pytest.mark.parametrize("expression", ["rate(up[5m]", "up[5m]", "'text'", ""])
def test_what_gives_no_series_is_refused_with_a_step_as_well(expression: str) -> None:
    with pytest.raises(QueryError):
        pronoia.read("http://localhost:9090", expression, 0, 1, step=1)


@pytest.mark.parametrize("step", [0, -1, 0.0001, float("nan"), timedelta(0)])
def test_steps_that_lead_nowhere_are_refused(step: Any) -> None:
    with pytest.raises(ConfigError, match=r"step: .* is not a distance"):
        pronoia.read("http://localhost:9090", "up", 0, 1, step=step)


def test_sends_what_the_server_wants_to_see() -> None:
    with FakeUpstream(answer) as upstream:
        pronoia.read(upstream.url, "up", 0, 1, bearer_token="token", headers={"X-Scope-OrgID": "tenant"})
        pronoia.read(upstream.url, "up", 0, 1, basic_auth=("Aladdin", "open sesame"))
    first, second = reads(upstream)
    assert (first.headers["Authorization"], first.headers["X-Scope-OrgID"]) == ("Bearer token", "tenant")
    assert second.headers["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_falls_back_to_the_http_api_unless_told_otherwise() -> None:
    def no_remote_read(handler: Handler) -> None:
        body = b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]}}'
        if handler.path == "/api/v1/read":
            handler.reply(404, b"")
        else:
            handler.reply(200, body, "application/json")

    with FakeUpstream(no_remote_read) as upstream:
        assert pronoia.read(upstream.url, "up", 0, 1).n_samples == 1
        with pytest.raises(UpstreamStatus, match="HTTP 404"):
            pronoia.read(upstream.url, "up", 0, 1, path="remote_read")


def test_limits_can_be_set() -> None:
    with FakeUpstream(answer) as upstream, pytest.raises((SeriesLimitExceeded, ResponseTooLarge)):
        pronoia.read(upstream.url, "up", 1_700_000_000, 1_700_000_030, limits=UpstreamLimits(max_samples=1))


def test_milliseconds_where_seconds_are_needed_are_told() -> None:
    with pytest.raises(ConfigError, match="start: 1700000000000 looks like milliseconds"):
        pronoia.read("http://localhost:9090", "up", 1_700_000_000_000, 1_700_000_030_000)
