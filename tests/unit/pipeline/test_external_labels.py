"""Series are read as they are stored, less the labels that the server adds to what leaves it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from pronoia.pipeline.external_labels import literal_matchers, without_external
from pronoia.pipeline.upstream import Upstream
from pronoia.remote_read.codec import ReadLimits, encode_streamed
from pronoia.remote_read.request import decode_request
from pronoia.series import LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange
from pronoia.series.matchers import matches_all
from pronoia.transport.settings import UpstreamSettings
from support.fake_upstream import FakeUpstream, Handler

EXTERNAL = LabelSet({"cluster": "eu.1", "replica": "a"})
STORED = [
    LabelSet({"__name__": "up", "instance": "m1"}),
    LabelSet({"__name__": "up", "instance": "m1", "cluster": "us1"}),
    LabelSet({"__name__": "up", "instance": "m2", "cluster": "eu.1"}),
]


@dataclass
class Prometheus:
    """Hands out series with its external labels on them, and takes such matchers for its own."""

    shows_config: bool = True

    def __call__(self, handler: Handler) -> None:
        if handler.path == "/api/v1/read":
            (query,), _ = decode_request(handler.received.body, ReadLimits())
            own = {Matcher(name, MatchOp.EQUAL, value) for name, value in EXTERNAL.items()}
            asked = [Matcher(each.name, MatchOp.EQUAL, "") if each in own else each for each in query.matchers]
            found = [LabelSet({**EXTERNAL, **labels}) for labels in STORED if matches_all(asked, labels)]
            frame = SeriesFrame.from_series({labels: ([60_000], [1.0]) for labels in found})
            handler.reply_chunked(encode_streamed(frame), "application/x-streamed-protobuf")
        elif self.shows_config and handler.path.endswith("/config"):
            labels = "".join(f"    {name}: {value}\n" for name, value in EXTERNAL.items())
            data = {"yaml": f"global:\n  external_labels:\n{labels}"}
            handler.reply(200, json.dumps({"status": "success", "data": data}).encode(), "application/json")
        else:
            handler.reply(404)


def found(server: Prometheus, expression: str) -> set[str]:
    with FakeUpstream(server) as upstream:
        settings = UpstreamSettings("main", upstream.url, max_retries=0, read="remote_read")
        return {str(labels) for labels in Upstream(settings).read(expression, TimeRange(0, 60_000), 60_000).labels}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('up{instance="m1"}', {'up{instance="m1"}', 'up{cluster="us1",instance="m1"}'}),
        ('up{cluster="eu.1"}', {'up{cluster="eu.1",instance="m2"}'}),
        ('sum by (cluster) (up{instance="m1"})', {"{}", '{cluster="us1"}'}),
        ('up{cluster="eu.1"} + 0', {'{cluster="eu.1",instance="m2"}'}),
        ('up{cluster!=""} + 0', {'{cluster="eu.1",instance="m2"}', '{cluster="us1",instance="m1"}'}),
        ('up{cluster="",replica=""} + 0', {'{instance="m1"}'}),
        ('up{replica="a"} + 0', set()),
    ],
)
def test_series_are_those_that_the_server_itself_would_find(expression: str, expected: set[str]) -> None:
    assert found(Prometheus(), expression) == expected


def test_a_stored_label_like_an_external_one_is_taken_for_it_unless_it_is_asked_for() -> None:
    assert found(Prometheus(), 'up{instance="m2"}') == {'up{instance="m2"}'}
    assert found(Prometheus(), 'up{instance="m2",cluster!=""}') == {'up{cluster="eu.1",instance="m2"}'}


def test_without_the_configuration_series_stay_as_they_come() -> None:
    server = Prometheus(shows_config=False)
    assert found(server, 'up{cluster="",instance="m1"}') == {'up{cluster="eu.1",instance="m1",replica="a"}'}


def test_only_what_the_server_would_take_for_its_own_is_asked_otherwise() -> None:
    eu1, us1, none = (Matcher("cluster", MatchOp.EQUAL, value) for value in ("eu.1", "us1", ""))
    assert [str(each) for each in literal_matchers([eu1, us1, none], EXTERNAL)] == [
        r'cluster=~"eu\\.1"',
        'cluster="us1"',
        'cluster=""',
    ]


def test_slices_from_before_and_after_a_change_are_one_series() -> None:
    before, after = LabelSet({"__name__": "up", "cluster": "eu.1"}), LabelSet({"__name__": "up"})
    frame = SeriesFrame.from_series({before: ([1, 2], [1.0, 2.0]), after: ([3], [3.0])})
    ((labels, times, values),) = without_external(frame, (), EXTERNAL)
    assert (labels, times.tolist(), values.tolist()) == (after, [1, 2, 3], [1.0, 2.0, 3.0])
