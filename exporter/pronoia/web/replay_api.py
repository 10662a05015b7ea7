"""A recording behind Prometheus' API: remote-read, and PromQL that is a plain selector."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import promql_parser
from flask import Flask, Response, request

from pronoia.errors import QueryError
from pronoia.promql.selector import parse_selector
from pronoia.remote_read.limits import ReadLimits
from pronoia.series import Grid, SeriesFrame, TimeRange, drop_stale, is_stale
from pronoia.version import __version__
from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.app import add_remote_read, create_bare_app, healthy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.series import Matcher

    #: Finds the stored samples of all matching series, both ends of the range included.
    Select = Callable[[Sequence[Matcher], TimeRange], SeriesFrame]

# PromQL's default: how old the newest sample may be to stand for an instant.
_LOOKBACK_MS = 300_000
# "exceeded maximum resolution of 11,000 points per timeseries": prometheus/prometheus web/api/v1/api.go.
_MOST_POINTS = 11_000


def create_replay_app(select: Select, limits: ReadLimits | None = None) -> Flask:
    """A WSGI application that answers as a Prometheus would that holds these samples.

    `query_range` and `query` take plain selectors, `query` a range selector too; ranges include both ends and the
    lookback is five minutes, as in Prometheus 2. Other PromQL is refused with status 422.

    Args:
        select: finds samples.
        limits: bounds on remote-read requests.
    """
    app = create_bare_app()
    api = _QueryApi(select)
    add_remote_read(app, lambda query: select(query.matchers, query.time_range), limits or ReadLimits())
    for rule, view in (("/api/v1/query", api.query), ("/api/v1/query_range", api.query_range)):
        app.add_url_rule(rule, view_func=view, methods=["GET", "POST"])
    for rule, view in (("/-/healthy", healthy), ("/-/ready", _ready), ("/api/v1/status/buildinfo", _build_info)):
        app.add_url_rule(rule, view_func=view, methods=["GET"])
    app.register_error_handler(ApiError, api_json.failure)
    return app


class _QueryApi:
    """The two ways of asking PromQL; parameters may come in the URL or in a form."""

    def __init__(self, select: Select) -> None:
        self._select = select

    def query(self) -> Response:
        """One instant; a range selector gives its raw samples."""
        expression = _parameter("query")
        at_ms = api_json.read_time_ms(request.values.get("time", str(time.time())), "time")
        selector, range_ms = _selector_and_range(expression)
        if range_ms:
            return api_json.matrix(drop_stale(self._select(selector, TimeRange(at_ms - range_ms, at_ms))))
        return api_json.vector(self._at_instants(selector, Grid(at_ms, 1, 1)))

    def query_range(self) -> Response:
        """Evenly spaced instants."""
        expression = _parameter("query")
        start_ms = api_json.read_time_ms(_parameter("start"), "start")
        end_ms = api_json.read_time_ms(_parameter("end"), "end")
        step_ms = api_json.read_step_ms(_parameter("step"))
        if end_ms < start_ms:
            raise ApiError('invalid parameter "end": end timestamp must not be before start time')
        if (end_ms - start_ms) // step_ms > _MOST_POINTS:
            raise ApiError(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        selector, range_ms = _selector_and_range(expression)
        if range_ms:
            raise ApiError('invalid parameter "query": invalid expression type "range vector" for range query')
        return api_json.matrix(self._at_instants(selector, Grid(start_ms, step_ms, (end_ms - start_ms) // step_ms + 1)))

    def _at_instants(self, selector: Sequence[Matcher], grid: Grid) -> SeriesFrame:
        stored = self._select(selector, TimeRange(grid.start_ms - _LOOKBACK_MS, grid.end_ms))
        instants = grid.timestamps_ms
        found = {labels: _newest(times, values, instants) for labels, times, values in stored}
        return SeriesFrame.from_series(found).without_empty()


def _newest(
    times: NDArray[np.int64], values: NDArray[np.float64], instants: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The newest sample at each instant, unless it is too old or says that the series ended."""
    if not len(times):
        return times, values
    newest = np.searchsorted(times, instants, side="right") - 1
    valid = (newest >= 0) & (instants - times[newest] <= _LOOKBACK_MS) & ~is_stale(values[newest])
    return instants[valid], values[newest[valid]]


def _selector_and_range(expression: str) -> tuple[tuple[Matcher, ...], int]:
    """The matchers of a selector, and its range in milliseconds, 0 without one."""
    try:
        parsed = promql_parser.parse(expression)
    except ValueError as error:
        raise ApiError(f'invalid parameter "query": {error}') from error
    range_ms = 0
    if isinstance(parsed, promql_parser.MatrixSelector):
        range_ms = round(parsed.range.total_seconds() * 1000)
        parsed = parsed.vector_selector
    if not isinstance(parsed, promql_parser.VectorSelector):
        raise ApiError(
            "a recording answers plain selectors, such as up or up[5m], and no other PromQL", 422, "execution"
        )
    try:
        return parse_selector(parsed.prettify()), range_ms
    except QueryError as error:
        raise ApiError(str(error), 422, "execution") from error


def _parameter(name: str) -> str:
    value = request.values.get(name, "")
    if not value:
        raise ApiError(f'invalid parameter "{name}": it is missing')
    return value


def _ready() -> Response:
    return healthy()


def _build_info() -> Response:
    return api_json.data({"version": __version__, "application": "pronoia replay"})
