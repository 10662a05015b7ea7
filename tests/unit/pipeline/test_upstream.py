from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pronoia.errors import QueryError, UpstreamStatus, UpstreamUnreachable
from pronoia.pipeline.remote_read_way import PROBE_AGAIN_SECONDS
from pronoia.pipeline.upstream import Upstream
from pronoia.remote_read.codec import encode_streamed
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings
from support.fake_upstream import FakeUpstream, Handler
from support.recorder import Recorder

if TYPE_CHECKING:
    from typing import Literal

RANGE = TimeRange(1000, 5000)


@dataclass
class Server:
    """Serves one series over both ways; remote-read answers with a status unless that is 200."""

    remote_read: int = 200
    says: bytes = b"404 page not found"
    paths: list[str] = field(default_factory=list)

    def __call__(self, handler: Handler) -> None:
        self.paths.append(handler.path.rpartition("/")[2])
        if handler.path != "/api/v1/read":
            result = [{"metric": {"way": "query_api"}, "values": [[2, "1"]]}]
            document = {"status": "success", "data": {"resultType": "matrix", "result": result}}
            handler.reply(200, json.dumps(document).encode(), "application/json")
        elif self.remote_read == 200:
            frame = SeriesFrame.from_series({LabelSet({"way": "remote_read"}): ([2000], [1.0])})
            handler.reply_chunked(encode_streamed(frame), "application/x-streamed-protobuf")
        else:
            handler.reply(self.remote_read, self.says)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def upstream_at(
    url: str, recorder: Recorder, clock: Clock, read: Literal["auto", "remote_read", "query_api"] = "auto"
) -> Upstream:
    settings = UpstreamSettings("main", url, read=read, max_retries=0)
    return Upstream(settings, session=UpstreamSession(settings, recorder, clock=clock))


def way(frame: SeriesFrame) -> str:
    return frame.labels[0]["way"]


def test_a_selector_is_read_by_remote_read() -> None:
    with FakeUpstream(Server()) as server:
        upstream = upstream_at(server.url, Recorder(), Clock())
        assert way(upstream.read("up", RANGE, 1000)) == "remote_read"
    assert upstream.path == "remote_read"
    assert upstream.name == "main"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, b""),
        (405, b""),
        (501, b""),
        (400, b'requestURI: /api/v1/read; unsupported path requested: "/api/v1/read"'),
    ],
    ids=["404", "405", "501", "VictoriaMetrics"],
)
def test_a_server_without_remote_read_is_read_over_its_http_api(status: int, says: bytes) -> None:
    recorder = Recorder()
    with FakeUpstream(Server(status, says)) as server:
        upstream = upstream_at(server.url, recorder, Clock())
        assert way(upstream.read("up", RANGE, 1000)) == "query_api"
        assert way(upstream.read("up", RANGE, 1000)) == "query_api"
        assert sorted(server.answer.paths[:3]) == ["buildinfo", "config", "flags"]
        assert server.answer.paths[3:] == ["read", "query", "query"]
    assert upstream.path == "query_api"
    assert recorder.fallbacks == ["no_remote_read"]


def test_remote_read_is_tried_again_after_a_while() -> None:
    clock, recorder, answer = Clock(), Recorder(), Server(404)
    with FakeUpstream(answer) as server:
        upstream = upstream_at(server.url, recorder, clock)
        upstream.read("up", RANGE, 1000)
        clock.now += PROBE_AGAIN_SECONDS
        assert way(upstream.read("up", RANGE, 1000)) == "query_api"
        answer.remote_read = 200
        assert way(upstream.read("up", RANGE, 1000)) == "query_api"
        clock.now += PROBE_AGAIN_SECONDS
        assert way(upstream.read("up", RANGE, 1000)) == "remote_read"
    assert upstream.path == "remote_read"
    assert recorder.fallbacks == ["no_remote_read"]


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_no_other_refusal_changes_the_way(status: int) -> None:
    with FakeUpstream(Server(status, b"no")) as server:
        upstream = upstream_at(server.url, Recorder(), Clock())
        with pytest.raises(UpstreamStatus):
            upstream.read("up", RANGE, 1000)
    assert upstream.path == "remote_read"


def test_a_server_that_is_away_does_not_change_the_way() -> None:
    with FakeUpstream(Server()) as server:
        upstream = upstream_at(server.url, Recorder(), Clock())
    with pytest.raises(UpstreamUnreachable):
        upstream.read("up", RANGE, 1000)
    assert upstream.path == "remote_read"


def test_a_configured_way_is_kept_to() -> None:
    with FakeUpstream(Server(404)) as server:
        with pytest.raises(UpstreamStatus, match="404"):
            upstream_at(server.url, Recorder(), Clock(), "remote_read").read("up", RANGE, 1000)
        upstream = upstream_at(server.url, Recorder(), Clock(), "query_api")
        assert upstream.path == "query_api"
        assert way(upstream.read("up", RANGE, 1000)) == "query_api"


def test_what_is_no_promql_is_refused_without_asking() -> None:
    with FakeUpstream(Server()) as server, pytest.raises(QueryError):
        upstream_at(server.url, Recorder(), Clock()).read("sum(", RANGE, 1000)
    assert server.received == []
