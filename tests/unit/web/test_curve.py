"""The future over remote-read: the forecast curve as samples at their own time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import SeriesLimitExceeded
from pronoia.remote_read.codec import decode_samples, decode_streamed
from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.query import ReadQuery, ResponseType
from pronoia.remote_read.request import encode_request
from pronoia.series import Matcher, MatchOp, TimeRange
from pronoia.web.app import add_remote_read, create_bare_app
from pronoia.web.curve import ForecastCurve

from .conftest import NOW, STEP_MS, query_forecast

if TYPE_CHECKING:
    from pronoia.series import SeriesFrame

    from .conftest import Exporter

NOW_MS = int(NOW * 1000)
DAY = TimeRange(NOW_MS - 3_600_000, NOW_MS + 86_400_000)
LIMITS = ReadLimits()


def named(name: str, *more: Matcher) -> tuple[Matcher, ...]:
    return (Matcher("__name__", MatchOp.EQUAL, name), *more)


def read(exporter: Exporter, *matchers: Matcher, time_range: TimeRange = DAY) -> SeriesFrame:
    body = encode_request([ReadQuery(time_range, matchers)], [ResponseType.STREAMED_XOR_CHUNKS])
    response = exporter.client.post("/api/v1/read", data=body, headers={"Content-Encoding": "snappy"})
    assert response.status_code == 200, response.text
    return decode_streamed(response.data, time_range, LIMITS)


def test_the_curve_reaches_from_the_making_of_the_forecast_to_its_horizon(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    frame = read(exporter, *named("pronoia_forecast_curve"))
    assert [dict(labels) for labels in frame.labels] == [
        {"__name__": "pronoia_forecast_curve", "instance": name, "job": "node", "query": "cpu"} for name in "ab"
    ]
    first = frame.timestamps_ms[: frame.n_samples // 2]
    assert first[0] == NOW_MS
    assert first[-1] == NOW_MS + 86_400_000
    on_grid = (first > NOW_MS) & ((first - NOW_MS) % STEP_MS == 0)
    np.testing.assert_allclose(frame.values[: len(first)][on_grid], np.arange(288))


def test_its_points_are_close_enough_for_promqls_lookback(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    frame = read(exporter, *named("pronoia_forecast_curve", Matcher("instance", MatchOp.EQUAL, "a")))
    assert np.diff(frame.timestamps_ms).max() <= 120_000
    later = frame.timestamps_ms >= NOW_MS + STEP_MS
    steps_ahead = (frame.timestamps_ms[later] - NOW_MS) / STEP_MS
    np.testing.assert_allclose(frame.values[later], steps_ahead - 1, atol=1e-9)


def test_it_sets_out_from_the_newest_observation_within_bounds_that_hold_it(exporter: Exporter) -> None:
    forecast = query_forecast()
    exporter.publish(replace(forecast, observed=np.array([5.0, 1000.0])))
    one = Matcher("instance", MatchOp.EQUAL, "a")
    near = TimeRange(NOW_MS, NOW_MS + STEP_MS)
    point, lower, upper = (
        read(exporter, *named(f"pronoia_forecast_curve{bound}", one), time_range=near).values
        for bound in ("", "_lower", "_upper")
    )
    assert (point[0], point[-1]) == (5.0, 0.0)
    assert (lower[0], upper[0]) == (-1.0, 5.0)
    assert (lower <= point).all()
    assert (point <= upper).all()


def test_without_an_observation_it_sets_out_level(exporter: Exporter) -> None:
    exporter.publish(replace(query_forecast(), observed=np.full(2, np.nan)))
    assert np.isfinite(read(exporter, *named("pronoia_forecast_curve")).values).all()


def test_bounds_are_curves_of_their_own_and_regular_expressions_pick_all(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    names = Matcher("__name__", MatchOp.REGEX, "pronoia_forecast_curve.*")
    frame = read(exporter, names, Matcher("instance", MatchOp.NOT_EQUAL, "a"))
    assert sorted(labels.name.removeprefix("pronoia_forecast_curve") for labels in frame.labels) == [
        "",
        "_lower",
        "_upper",
    ]
    point, lower, upper = (values for _, _, values in sorted(frame, key=lambda series: series[0].name))
    np.testing.assert_allclose(upper - lower, 2.0)
    np.testing.assert_allclose(point[point > 1000.0] - lower[point > 1000.0], 1.0)


def test_nothing_older_than_the_forecast_is_told(exporter: Exporter) -> None:
    exporter.publish(query_forecast(made_at=NOW - 3600, max_age=7200))
    whole = TimeRange(0, 2**60)
    assert read(exporter, *named("pronoia_forecast_curve"), time_range=whole).timestamps_ms.min() >= NOW_MS - 3_600_000


def test_a_forecast_that_is_too_old_has_no_curve(exporter: Exporter) -> None:
    exporter.publish(query_forecast(max_age=600))
    exporter.now = NOW + 601
    assert read(exporter, *named("pronoia_forecast_curve")).n_series == 0


@pytest.mark.parametrize(
    "matcher",
    [
        Matcher("query", MatchOp.EQUAL, "disk"),
        Matcher("instance", MatchOp.EQUAL, "c"),
        Matcher("__name__", MatchOp.EQUAL, "node_load1"),
    ],
)
def test_what_does_not_match_is_not_sent(exporter: Exporter, matcher: Matcher) -> None:
    exporter.publish(query_forecast())
    assert read(exporter, matcher).n_series == 0


def test_samples_are_answered_to_those_who_ask_for_them(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    query = ReadQuery(DAY, named("pronoia_forecast_curve"))
    response = exporter.client.post("/api/v1/read", data=encode_request([query], [ResponseType.SAMPLES]))
    assert response.headers["Content-Encoding"] == "snappy"
    streamed = read(exporter, *named("pronoia_forecast_curve"))
    np.testing.assert_array_equal(decode_samples(response.data, DAY, LIMITS).values, streamed.values)


def test_more_samples_than_the_limit_are_refused_before_they_are_made(exporter: Exporter) -> None:
    exporter.publish(query_forecast())
    curve = ForecastCurve(exporter.holder, lambda: NOW, max_samples=1000)
    with pytest.raises(SeriesLimitExceeded, match="the limit is 1000"):
        curve.select(ReadQuery(DAY, named("pronoia_forecast_curve")))
    app = create_bare_app()
    add_remote_read(app, curve.select, LIMITS)
    body = encode_request([ReadQuery(DAY, named("pronoia_forecast_curve"))], [ResponseType.SAMPLES])
    refused = app.test_client().post("/api/v1/read", data=body)
    assert (refused.status_code, "samples of forecast curves" in refused.text) == (400, True)


def test_a_body_that_is_no_request_is_refused_with_one_line(exporter: Exporter) -> None:
    response = exporter.client.post("/api/v1/read", data=b"not snappy")
    assert response.status_code == 400
    assert response.text.count("\n") == 1
