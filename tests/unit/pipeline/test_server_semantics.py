"""The semantics follow the server, unless they are configured."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from pronoia.pipeline.server_semantics import ServerSemantics
from pronoia.pipeline.status_page import ASK_AGAIN_SECONDS, ASK_FAILED_AGAIN_SECONDS
from pronoia.pipeline.status_pages import StatusPages
from pronoia.promql.semantics import Semantics
from pronoia.transport.deadline import Deadline
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import PromqlSettings, UpstreamSettings
from support.fake_upstream import FakeUpstream, Handler

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = Semantics()


@dataclass
class Prometheus:
    """The status pages of a server that may be upgraded, and that may be away."""

    version: str = "2.42.0"
    lookback: str = "7m"
    status: int = 200
    #: Pages that answer 500.
    failing: frozenset[str] = frozenset()
    #: Pages that answer when this is set.
    hanging: frozenset[str] = frozenset()
    released: Event = field(default_factory=Event)

    def __call__(self, handler: Handler) -> None:
        pages = {
            "buildinfo": {"version": self.version},
            "flags": {"query.lookback-delta": self.lookback},
            "config": {"yaml": "global:\n  evaluation_interval: 15s\n"},
        }
        page = handler.path.removeprefix("/api/v1/status/")
        data = pages[page]
        if page in self.hanging:
            self.released.wait(10)
        body = json.dumps({"status": "success", "data": data}).encode()
        handler.reply(500 if page in self.failing else self.status, body, "application/json")


@dataclass
class Asker:
    """The semantics of one fake server, with a clock that is set by hand."""

    server: Prometheus = field(default_factory=Prometheus)
    now: float = 0.0

    def open(self, url: str, **promql: Any) -> ServerSemantics:
        settings = UpstreamSettings("main", url, max_retries=0, max_in_flight=3, promql=PromqlSettings(**promql))
        session = UpstreamSession(settings, clock=lambda: self.now)
        self.pages = StatusPages(session)
        return ServerSemantics(session, self.pages)


@pytest.fixture
def asker() -> Asker:
    return Asker()


@pytest.fixture
def upstream(asker: Asker) -> Iterator[FakeUpstream]:
    with FakeUpstream(asker.server) as upstream:
        yield upstream


def current(semantics: ServerSemantics) -> Semantics:
    return semantics.current(Deadline(30.0))


def test_they_are_those_of_the_server(asker: Asker, upstream: FakeUpstream) -> None:
    assert current(asker.open(upstream.url)) == Semantics(
        False, 420_000, 15_000, zero_point_first=True, counts_filtered=False
    )


def test_an_upgrade_is_noticed_after_a_while_and_told_once(
    asker: Asker, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    semantics = asker.open(upstream.url)
    current(semantics)
    asker.server.version = "3.1.0"
    assert not current(semantics).left_open
    assert len(upstream.received) == 3
    asker.now += ASK_AGAIN_SECONDS
    assert current(semantics).left_open
    asker.now += ASK_AGAIN_SECONDS
    current(semantics)
    assert len(upstream.received) == 9
    first, second = (record.getMessage() for record in caplog.records)
    assert "with closed ranges (as the server), a lookback of 420 s (as the server)" in first
    assert "from now on with left-open ranges" in second
    assert "its version is 3.1.0" in second


def test_a_lost_connection_asks_again(asker: Asker, upstream: FakeUpstream) -> None:
    semantics = asker.open(upstream.url)
    current(semantics)
    asker.server.lookback = "1m"
    asker.pages.ask_again()
    assert current(semantics).lookback_ms == 60_000


@pytest.mark.parametrize("status", [404, 403, 501])
def test_a_server_that_does_not_tell_is_taken_for_a_new_one_and_that_is_told_once(
    asker: Asker, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO)
    asker.server.status = status
    semantics = asker.open(upstream.url)
    assert current(semantics) == current(semantics) == UNKNOWN
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage().count("(assumed)") == 3


def test_a_server_that_is_away_is_asked_again_after_a_minute_and_changes_nothing(
    asker: Asker, upstream: FakeUpstream
) -> None:
    asker.server.status = 503
    semantics = asker.open(upstream.url)
    assert current(semantics) == current(semantics) == UNKNOWN
    assert len(upstream.received) == 3
    asker.server.status = 200
    asker.now += ASK_FAILED_AGAIN_SECONDS
    known = current(semantics)
    assert known.lookback_ms == 420_000
    asker.server.status = 503
    asker.now += ASK_AGAIN_SECONDS
    assert current(semantics) == known


def test_a_page_that_fails_costs_no_other_and_is_told_once(
    asker: Asker, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    asker.server.failing = frozenset({"flags"})
    semantics = asker.open(upstream.url)
    for _ in range(3):
        found = current(semantics)
        assert (found.left_open, found.lookback_ms) == (False, UNKNOWN.lookback_ms)
        asker.now += ASK_FAILED_AGAIN_SECONDS
    assert [each.path.rpartition("/")[2] for each in upstream.received[3:]] == ["flags", "flags"]
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert "its page flags does not answer" in warning
    assert "the lookback is promql.lookback or 5m" in warning
    assert "500" in warning


def test_of_a_server_that_nobody_reaches_only_the_read_tells(asker: Asker, caplog: pytest.LogCaptureFixture) -> None:
    assert current(asker.open("http://127.0.0.1:1")).lookback_ms == UNKNOWN.lookback_ms
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_page_that_hangs_is_waited_for_once(asker: Asker, upstream: FakeUpstream) -> None:
    asker.server.hanging = frozenset({"flags"})
    semantics = asker.open(upstream.url)
    # Set by hand, the clock leaves the sockets' own timeouts, half of what is left.
    assert semantics.current(Deadline(6.0)).left_open is False
    assert semantics.current(Deadline(30.0)).left_open is False
    assert len(upstream.received) == 3
    asker.server.released.set()


def test_what_is_known_is_not_waited_for_while_another_asks(asker: Asker, upstream: FakeUpstream) -> None:
    semantics = asker.open(upstream.url)
    known = current(semantics)
    asker.now += ASK_AGAIN_SECONDS
    asker.server.hanging = frozenset({"buildinfo", "flags", "config"})
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(current, semantics)
        while len(upstream.received) < 6:
            assert not asking.done()
        assert current(semantics) == known
        assert not asking.done()
        asker.server.released.set()
    assert len(upstream.received) == 6


def test_what_is_configured_wins(asker: Asker, upstream: FakeUpstream) -> None:
    expected = Semantics(False, 1000, 15_000, zero_point_first=True, counts_filtered=False)
    assert current(asker.open(upstream.url, lookback_ms=1000)) == expected
    fixed = asker.open(upstream.url, left_open=True, lookback_ms=1000, evaluation_interval_ms=2000)
    assert current(fixed) == Semantics(True, 1000, 2000, zero_point_first=True, counts_filtered=False)


def test_a_server_that_is_configured_as_old_and_tells_no_version_is_old_in_all(
    asker: Asker, upstream: FakeUpstream
) -> None:
    asker.server.status = 404
    semantics = current(asker.open(upstream.url, left_open=False))
    assert (semantics.left_open, semantics.counts_filtered, semantics.zero_point_first) == (False, False, False)
