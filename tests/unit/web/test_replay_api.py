"""A recording answers as a Prometheus would: plain selectors over the HTTP API, and remote-read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pronoia.remote_read.codec import decode_streamed
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import encode_request
from pronoia.series import STALE_NAN, LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange
from pronoia.series.matchers import matches_all
from pronoia.web.replay_api import create_replay_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.testing import FlaskClient

T = 1_700_000_000
UP = LabelSet({"__name__": "up", "job": 'a"b'})
ENDED = LabelSet({"__name__": "up", "job": "ended"})
STORED = SeriesFrame.from_series(
    {
        UP: ([(T + 60 * i) * 1000 for i in range(10)], [float(i) for i in range(9)] + [np.inf]),
        ENDED: ([T * 1000, (T + 60) * 1000], [1.0, STALE_NAN]),
    }
)


def select(matchers: Sequence[Matcher], time_range: TimeRange) -> SeriesFrame:
    chosen = [i for i, labels in enumerate(STORED.labels) if matches_all(matchers, labels)]
    return STORED.take(chosen).within(time_range)


@pytest.fixture
def client() -> FlaskClient:
    return create_replay_app(select).test_client()


def ask(client: FlaskClient, path: str, **parameters: object) -> Any:
    response = client.get(f"/api/v1/{path}", query_string=parameters)
    assert response.content_type == "application/json"
    return response.json


def test_a_range_query_takes_the_newest_sample_of_the_last_five_minutes(client: FlaskClient) -> None:
    answer = ask(client, "query_range", query='up{job="a\\"b"}', start=T - 30, end=T + 1000, step=30)
    assert answer["status"] == "success"
    assert answer["data"]["resultType"] == "matrix"
    (series,) = answer["data"]["result"]
    assert series["metric"] == {"__name__": "up", "job": 'a"b'}
    times = [time for time, _ in series["values"]]
    # The last sample is at T + 540 and stands until T + 840.
    assert times == list(range(T, T + 841, 30))
    assert series["values"][1:4] == [[T + 30, "0"], [T + 60, "1"], [T + 90, "1"]]
    assert series["values"][-1] == [T + 840, "+Inf"]


def test_a_staleness_marker_ends_a_series_at_once(client: FlaskClient) -> None:
    (series,) = ask(client, "query_range", query='up{job="ended"}', start=T, end=T + 120, step="15s")["data"]["result"]
    assert [time for time, _ in series["values"]] == [T, T + 15, T + 30, T + 45]


def test_a_range_selector_gives_raw_samples_without_markers(client: FlaskClient) -> None:
    answer = ask(client, "query", query="up[2m]", time=T + 120.5)
    by_job = {series["metric"]["job"]: series["values"] for series in answer["data"]["result"]}
    assert by_job == {'a"b': [[T + 60, "1"], [T + 120, "2"]]}


def test_an_instant_query_gives_one_sample_each(client: FlaskClient) -> None:
    answer = ask(client, "query", query="up", time=T + 59.999)
    assert answer["data"]["resultType"] == "vector"
    assert [series["value"] for series in answer["data"]["result"]] == [[T + 59.999, "0"], [T + 59.999, "1"]]


def test_parameters_may_come_in_a_form_and_times_as_rfc_3339(client: FlaskClient) -> None:
    form = {"query": "up[1m]", "time": "2023-11-14T22:13:20Z"}
    result = client.post("/api/v1/query", data=form).json["data"]["result"]
    assert [series["values"] for series in result] == [[[T, "0"]], [[T, "1"]]]


def test_nothing_found_is_no_error(client: FlaskClient) -> None:
    assert ask(client, "query", query="down", time=T)["data"]["result"] == []


@pytest.mark.parametrize(
    ("path", "parameters", "status", "message"),
    [
        ("query", {}, 400, 'invalid parameter "query": it is missing'),
        ("query", {"query": "up{"}, 400, 'invalid parameter "query"'),
        ("query", {"query": "up", "time": "soon"}, 400, "cannot parse 'soon' to a valid timestamp"),
        ("query", {"query": "up", "time": "nan"}, 400, "valid timestamp"),
        ("query", {"query": "rate(up[5m])"}, 422, "plain selectors"),
        ("query", {"query": "up offset 5m"}, 422, "no offset"),
        ("query", {"query": "up[5m] offset 5m"}, 422, "no offset"),
        ("query_range", {"query": "up", "start": 0, "end": 9}, 400, '"step": it is missing'),
        ("query_range", {"query": "up", "start": 0, "end": 9, "step": 0}, 400, "step widths"),
        ("query_range", {"query": "up", "start": 0, "end": 9, "step": "x"}, 400, "valid duration"),
        ("query_range", {"query": "up", "start": 9, "end": 0, "step": 1}, 400, "must not be before"),
        ("query_range", {"query": "up", "start": 0, "end": 11_001, "step": 1}, 400, "11,000 points"),
        ("query_range", {"query": "up[5m]", "start": 0, "end": 9, "step": 1}, 400, "range vector"),
    ],
)
def test_errors_are_told_as_prometheus_tells_them(
    client: FlaskClient, path: str, parameters: dict[str, object], status: int, message: str
) -> None:
    response = client.get(f"/api/v1/{path}", query_string=parameters)
    assert response.status_code == status
    kind = {400: "bad_data", 422: "execution"}[status]
    assert (response.json["status"], response.json["errorType"]) == ("error", kind)
    assert message in response.json["error"]


def test_remote_read_gives_the_samples_bit_for_bit(client: FlaskClient) -> None:
    whole = TimeRange(0, 2**60)
    query = ReadQuery(whole, (Matcher("__name__", MatchOp.EQUAL, "up"),))
    body = encode_request([query], [ResponseType.STREAMED_XOR_CHUNKS])
    frame = decode_streamed(client.post("/api/v1/read", data=body).data, whole, ReadLimits())
    np.testing.assert_array_equal(frame.values.view(np.uint64), STORED.values.view(np.uint64))
    np.testing.assert_array_equal(frame.timestamps_ms, STORED.timestamps_ms)


def test_it_says_who_it_is_and_that_it_is_well(client: FlaskClient) -> None:
    assert ask(client, "status/buildinfo")["data"]["application"] == "pronoia replay"
    assert client.get("/-/healthy").status_code == client.get("/-/ready").status_code == 200
