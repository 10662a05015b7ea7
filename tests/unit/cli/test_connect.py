"""`pronoia check --connect`: what queries would read, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.cli import main
from pronoia.remote_read.codec import ReadLimits, encode_streamed
from pronoia.remote_read.request import decode_request
from pronoia.series import LabelSet, SeriesFrame
from support.fake_upstream import FakeUpstream, Handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
upstreams:
  - {name: near, url: '%s', max_retries: 0, limits: {max_series: 10}}
  - {name: gone, url: 'http://127.0.0.1:1', max_retries: 0}
queries:
  - {name: load, expr: load}
  - {name: busy, expr: 'rate(load[5m])'}
"""
TOO_LARGE = "  - {name: all, expr: '1 - avg(crowd)'}\n  - {name: more, expr: '{x=\"crowd\"}'}\n"


def answer(handler: Handler) -> None:
    """Three series of `load`, none of `nothing`, twenty of anything else, with a sample every 15 s."""
    if handler.path != "/api/v1/read":
        handler.reply(404, b"")
        return
    (query,), _ = decode_request(handler.received.body, ReadLimits())
    values = {matcher.value for matcher in query.matchers}
    n_series = 3 if "load" in values else 0 if "nothing" in values else 20
    times = np.arange(-(-query.time_range.start_ms // 15_000), query.time_range.end_ms // 15_000 + 1) * 15_000
    labels = [LabelSet({"__name__": "a", "n": str(i)}) for i in range(n_series)]
    frame = SeriesFrame.from_series(dict.fromkeys(labels, (times, np.ones(len(times)))))
    handler.reply_chunked(encode_streamed(frame), "application/x-streamed-protobuf")


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream(answer) as upstream:
        yield upstream


def check(folder: Path, text: str, *flags: str) -> int:
    file = folder / "pronoia.yml"
    file.write_text(text)
    return main(["check", str(file), *flags])


def test_it_tells_what_each_query_reads(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, CONFIG % upstream.url, "--connect") == 0
    told = capsys.readouterr().out
    assert "query load: 3 series with 0.2 samples a second, read by remote-read in slices of 1d\n" in told
    assert "query busy: 3 series with 0.2 samples a second, read by remote-read in slices of 1d\n" in told


def test_without_it_nobody_is_asked(upstream: FakeUpstream, tmp_path: Path) -> None:
    assert check(tmp_path, CONFIG % upstream.url + TOO_LARGE) == 0
    assert upstream.received == []


def test_what_is_too_large_is_refused_with_its_place(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, CONFIG % upstream.url + TOO_LARGE, "--connect") == 1
    written = capsys.readouterr()
    told = written.err
    assert "query load: 3 series" in written.out
    assert "is valid" not in written.out
    assert "2 problems" in told
    assert "queries[2], query all: 300 s of these series alone are too much to read" in told
    assert "at character 9" in told
    assert "queries[3], query more:" in told


def test_what_cannot_be_evaluated_is_a_problem_of_its_query(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CONFIG % upstream.url + "  - {name: many, expr: 'load * on() load'}\n  - {name: last, expr: 'sum(load)'}\n"
    assert check(tmp_path, text, "--connect") == 1
    written = capsys.readouterr()
    assert "1 problem\n  queries[2], query many: found duplicate series" in written.err
    assert "query last: 3 series" in written.out


RESOURCES = """
bottleneck:
  resources:
    - {name: pool, expr: 'sum(rate(load[5m]))', entity: [n]}
    - {name: crowd, expr: crowd, entity: [n]}
    - {name: of_query, query: load, entity: [n]}
"""


def test_resources_that_read_for_themselves_are_measured_and_refused_as_queries_are(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, CONFIG % upstream.url + RESOURCES, "--connect") == 1
    written = capsys.readouterr()
    assert "resource pool: 3 series with 0.2 samples a second, read by remote-read in slices of 1d\n" in written.out
    assert "resource of_query" not in written.out, "its query is measured"
    assert "1 problem\n  bottleneck.resources[1], resource crowd:" in written.err


FAILURES = """
failure:
  signals:
    - {name: own, failure: full, expr: 'load / 2'}
    - {name: of_query, failure: full, query: load}
  conditions:
    - {failure: full, expr: 'load * on() load'}
    - {failure: full, expr: 'sum(rate(nothing[5m])) > 0'}
"""


def test_expressions_of_failures_are_measured_and_refused_as_well(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, CONFIG % upstream.url + FAILURES, "--connect") == 1
    written = capsys.readouterr()
    assert "failure full, signal own: 3 series with 0.2 samples a second" in written.out
    assert "signal of_query" not in written.out, "its query is measured"
    assert "1 problem\n  failure.conditions, failure full, condition load * on() load: found dup" in written.err
    assert "condition sum(rate(nothing[5m])) > 0: no series is there now, read by remote-read" in written.out


def test_an_expression_of_a_resource_that_cannot_be_evaluated_is_its_problem(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resource = "bottleneck: {resources: [{name: pool, expr: 'load * on() load', entity: [n]}]}\n"
    assert check(tmp_path, CONFIG % upstream.url + resource, "--connect") == 1
    assert "1 problem\n  bottleneck.resources[0], resource pool: found duplicate series" in capsys.readouterr().err


def test_an_upstream_that_is_away_is_told_once(
    upstream: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CONFIG % upstream.url + "  - {name: a, expr: up, upstream: gone}\n  - {name: b, expr: up, upstream: gone}\n"
    assert check(tmp_path, text, "--connect") == 1
    assert capsys.readouterr().err.count("upstream gone:") == 1
