"""QueryApiClient: PromQL evaluated by the upstream, and raw samples where it has no remote-read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pronoia.errors import SeriesLimitExceeded
from pronoia.query_api.answer import parse_answer
from pronoia.query_api.selector import selector_text
from pronoia.series import Grid, SeriesFrame, merge_frames
from pronoia.transport.failures import wrong_content_type
from pronoia.transport.observed import observed
from pronoia.transport.session import Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pronoia.series import Matcher, TimeRange
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.session import UpstreamSession

_log = logging.getLogger(__name__)

# "exceeded maximum resolution of 11,000 points per timeseries": prometheus/prometheus web/api/v1/api.go.
MOST_POINTS = 11_000

_JSON = "application/json"
_HEADERS = {"Accept": _JSON, "Content-Type": "application/x-www-form-urlencoded"}


class QueryApiClient:
    """Asks for PromQL. Safe to share by threads.

    Args:
        session: the upstream's session; limits and slice width are in its settings.
    """

    def __init__(self, session: UpstreamSession) -> None:
        self._session = session

    def query_range(self, expression: str, grid: Grid, deadline: Deadline | None = None) -> SeriesFrame:
        """Evaluate an expression at every instant of a grid.

        Args:
            expression: any PromQL that gives an instant vector or a scalar.
            grid: asked for in parts of at most 11,000 instants, each on the grid.
            deadline: for the whole read; the settings' timeout by default.

        Returns:
            One series per label set, with a sample for each instant at which the expression had a value. NaN is a
            value (0 / 0), an instant without one is absent.

        Raises:
            UpstreamError: as `UpstreamSession.send` and the parser raise it; a query that the server refuses is
                an `UpstreamStatus` with the server's words.
            SeriesLimitExceeded: if the parts hold more series or samples together than allowed.
        """
        deadline = deadline or self._session.deadline()
        parts = (
            self._ask(
                "/api/v1/query_range",
                {
                    "query": expression,
                    "start": _seconds(part.start_ms),
                    "end": _seconds(part.end_ms),
                    "step": _seconds(part.step_ms),
                },
                deadline,
            )
            for part in _parts(grid)
        )
        return self._joined(parts)

    def raw(self, matchers: Sequence[Matcher], time_range: TimeRange, deadline: Deadline | None = None) -> SeriesFrame:
        """Every stored sample inside the range, both ends included, of all series that match.

        Asked for as an instant query with a range selector, which has no limit of points. Staleness markers are
        not part of such an answer.

        Args:
            matchers: conditions on the labels; at least one.
            time_range: read in slices, one request each, oldest first.
            deadline: for the whole read; the settings' timeout by default.

        Raises:
            UpstreamError: as for `query_range`.
            SeriesLimitExceeded: as for `query_range`.
        """
        deadline = deadline or self._session.deadline()
        selector = selector_text(matchers)
        # A range selector leaves out its left end since Prometheus 3.0 and included it before: one millisecond
        # more holds the wanted range in both, and what is too much is cut off.
        parts = (
            self._ask(
                "/api/v1/query",
                {"query": f"{selector}[{part.duration_ms + 1}ms]", "time": _seconds(part.end_ms)},
                deadline,
            ).within(part)
            for part in time_range.slices(max(1, round(self._session.settings.slice_seconds * 1000)))
        )
        return self._joined(parts)

    def _joined(self, frames: Iterable[SeriesFrame]) -> SeriesFrame:
        limits = self._session.settings.limits
        kept: list[SeriesFrame] = []
        n_samples = 0
        for frame in frames:
            kept.append(frame)
            n_samples += frame.n_samples
            if n_samples > limits.max_samples:
                raise SeriesLimitExceeded("samples", n_samples, limits.max_samples, "limits.max_samples")
        joined = merge_frames(kept)
        if joined.n_series > limits.max_series:
            raise SeriesLimitExceeded("series", joined.n_series, limits.max_series, "limits.max_series")
        return joined

    def _ask(self, path: str, parameters: dict[str, str], deadline: Deadline) -> SeriesFrame:
        # The server gives up when we do.
        parameters = {**parameters, "timeout": f"{max(deadline.remaining(), 0.001):.3f}"}
        call = Call("POST", path, urlencode(parameters).encode(), _HEADERS)
        with observed(self._session, "query_api") as measured:
            reply = self._session.send(call, deadline)
            measured.received_bytes = len(reply.body)
            if reply.content_type != _JSON:
                raise wrong_content_type(reply, _JSON)
            measured.response_type = "matrix"
            answer = parse_answer(bytes(reply.body), self._session.settings.limits)
            measured.n_samples = answer.frame.n_samples
        for warning in answer.warnings[:3]:
            _log.warning("upstream %s: the answer may be incomplete: %s", self._session.settings.name, warning)
        return answer.frame


def _parts(grid: Grid) -> Iterator[Grid]:
    for first in range(0, grid.n_steps, MOST_POINTS):
        n_steps = min(MOST_POINTS, grid.n_steps - first)
        yield Grid(grid.start_ms + first * grid.step_ms, grid.step_ms, n_steps)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
