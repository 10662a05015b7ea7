"""What a server tells of itself, and what it keeps to itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pronoia.errors import UpstreamStatus, UpstreamUnreachable
from pronoia.query_api.server_settings import GlobalSection, ask_global_section, ask_lookback_ms, ask_version
from pronoia.series import LabelSet
from pronoia.transport.deadline import Deadline
from support.fake_upstream import FakeUpstream, Handler
from support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = """\
global:
  scrape_interval: 15s
  evaluation_interval: 1m30s
  external_labels:
    site: here
    replica: "1"
    since: 2024-01-01
scrape_configs:
- job_name: "a: [not our concern"
"""
PROMETHEUS: dict[str, Any] = {
    "buildinfo": {"version": "2.42.0"},
    "flags": {"query.lookback-delta": "7m", "query.timeout": "2m"},
    "config": {"yaml": CONFIG},
}


def telling(pages: dict[str, Any]) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        data = pages.get(handler.path.removeprefix("/api/v1/status/"))
        if data is None:
            handler.reply(404, b"404 page not found")
        else:
            handler.reply(200, json.dumps({"status": "success", "data": data}).encode(), "application/json")

    return answer


Told = tuple[str | None, int | None, GlobalSection]
NOTHING: Told = None, None, GlobalSection()
EVERYTHING: Told = (
    "2.42.0",
    420_000,
    GlobalSection(90_000, LabelSet({"site": "here", "replica": "1", "since": "2024-01-01"})),
)


def asked(answer: Callable[[Handler], None]) -> Told:
    with FakeUpstream(answer) as upstream:
        session = Recorder().session(upstream.url)
        deadline = session.deadline()
        return ask_version(session, deadline), ask_lookback_ms(session, deadline), ask_global_section(session, deadline)


def test_a_prometheus_tells_its_version_its_lookback_and_what_its_configuration_says_for_all() -> None:
    assert asked(telling(PROMETHEUS)) == EVERYTHING


@pytest.mark.parametrize("page", PROMETHEUS)
def test_each_page_may_be_missing(page: str) -> None:
    without = telling({name: data for name, data in PROMETHEUS.items() if name != page})
    expected = zip(PROMETHEUS, EVERYTHING, NOTHING, strict=True)
    assert asked(without) == tuple(nothing if name == page else told for name, told, nothing in expected)


@pytest.mark.parametrize(
    "pages",
    [
        {"buildinfo": [], "flags": "x", "config": 3},
        {"buildinfo": {"version": 3}, "flags": {"query.lookback-delta": "soon"}, "config": {"yaml": "scrape: 1"}},
        {"buildinfo": {}, "flags": {"query.lookback-delta": "0s"}, "config": {"yaml": "global:\n  a: [\n"}},
        {"buildinfo": {}, "flags": {"query.lookback-delta": ""}, "config": {"yaml": "global:\n  external_labels: 1\n"}},
    ],
)
def test_pages_of_another_shape_tell_nothing(pages: dict[str, Any]) -> None:
    assert asked(telling(pages)) == NOTHING


@pytest.mark.parametrize(
    "buildinfo", [{"application": "Grafana Mimir", "version": "2.15.0"}, {"version": "0.37.2"}], ids=["Mimir", "Thanos"]
)
def test_the_version_of_another_product_is_not_prometheus_version(buildinfo: dict[str, str]) -> None:
    assert asked(telling({"buildinfo": buildinfo}))[0] is None


@pytest.mark.parametrize("status", [401, 403, 404, 405, 501])
def test_a_server_may_refuse_to_tell(status: int) -> None:
    assert asked(lambda handler: handler.reply(status, b"no")) == NOTHING


def test_an_answer_that_is_no_json_tells_nothing() -> None:
    assert asked(lambda handler: handler.reply(200, b"<html>", "text/html")) == NOTHING


def test_a_server_that_is_away_or_busy_is_an_error() -> None:
    with pytest.raises(UpstreamStatus, match="503"):
        asked(lambda handler: handler.reply(503, b"starting"))
    with FakeUpstream() as upstream:
        url = upstream.url
    with pytest.raises(UpstreamUnreachable):
        ask_version(Recorder().session(url, max_retries=0), Deadline(5.0))
