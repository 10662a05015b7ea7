"""One expression answered twice, by a real Prometheus and by `pronoia.promql`, and how the answers differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import requests

from pronoia.errors import EvaluationError, QueryError
from pronoia.pipeline.server_semantics import ServerSemantics
from pronoia.pipeline.status_pages import StatusPages
from pronoia.promql.compiler import compile as compile_expression
from pronoia.promql.evaluator import evaluate
from pronoia.promql.plan import Plan
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import LabelSet, TimeRange, is_stale
from pronoia.series.timerange import Grid
from pronoia.transport.session import UpstreamSession
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.promql.plan import Selector
    from pronoia.series import SeriesFrame
    from pronoia.series.matchers import Matcher

    #: For each series its values and whether it has one, at each instant.
    Series = Mapping[LabelSet, tuple[NDArray[np.float64], NDArray[np.bool_]]]

RELATIVE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Span:
    """First instant, end and step of a range query, in milliseconds; the end may lie off the grid."""

    start_ms: int
    end_ms: int
    step_ms: int

    @property
    def grid(self) -> Grid:
        """The instants."""
        return Grid(self.start_ms, self.step_ms, (self.end_ms - self.start_ms) // self.step_ms + 1)


@dataclass(frozen=True)
class Refused:
    """An expression that was not answered."""

    why: str


@dataclass
class Judge:
    """Asks both.

    Args:
        url: of the Prometheus.
        stored: all that is stored there; each selector's samples are read once and cut to what its plan asks for.
    """

    url: str
    stored: TimeRange
    _http: requests.Session = field(default_factory=requests.Session)
    _read: dict[tuple[Matcher, ...], SeriesFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        session = UpstreamSession(UpstreamSettings("judge", self.url))
        self._client = RemoteReadClient(session)
        #: As the server tells.
        self.semantics = ServerSemantics(session, StatusPages(session)).current(session.deadline())

    def theirs(self, expression: str, span: Span) -> Series | Refused:
        """What `query_range` answers."""
        body = self._ask("query_range", query=expression, start=span.start_ms, end=span.end_ms, step=span.step_ms)
        if body["status"] != "success":
            return Refused(body["error"])
        grid, series = span.grid, {}
        for one in body["data"]["result"]:
            # Times are told to the millisecond, values in the shortest text that gives the same float64.
            at = [(round(float(time) * 1000) - grid.start_ms) // grid.step_ms for time, _ in one["values"]]
            values, present = np.zeros(grid.n_steps), np.zeros(grid.n_steps, np.bool_)
            values[at], present[at] = [float(value) for _, value in one["values"]], True
            series[LabelSet(one["metric"])] = values, present
        return series

    def order(self, expression: str, at_ms: int) -> list[LabelSet]:
        """The series of an instant query as they come."""
        body = self._ask("query", query=expression, time=at_ms)
        return [LabelSet(one["metric"]) for one in body["data"]["result"]]

    def plan(self, expression: str) -> Plan:
        """The compiled expression; AssertionError if it is called unsupported."""
        plan = compile_expression(expression, self.semantics)
        assert isinstance(plan, Plan), plan
        return plan

    def ours(self, expression: str, span: Span) -> Series | Refused:
        """What we make of the samples that remote-read gives."""
        try:
            plan = self.plan(expression)
            frames = {selector: self._frame(selector, span) for selector in plan.selectors}
            frame = evaluate(plan, frames, span.start_ms, span.end_ms, span.step_ms)
        except (EvaluationError, QueryError) as error:
            return Refused(str(error))
        assert frame.grid == span.grid
        return {labels: (values, ~is_stale(values)) for labels, values in zip(frame.labels, frame.values, strict=True)}

    def _frame(self, selector: Selector, span: Span) -> SeriesFrame:
        if selector.matchers not in self._read:
            self._read[selector.matchers] = self._client.read(selector.matchers, self.stored)
        return self._read[selector.matchers].within(selector.time_range(span.start_ms, span.end_ms))

    def _ask(self, path: str, **parameters: str | int) -> Any:
        asked = {name: each if isinstance(each, str) else f"{each / 1000:.3f}" for name, each in parameters.items()}
        return self._http.get(f"{self.url}/api/v1/{path}", params=asked, timeout=60).json()


def spans(start_ms: int, end_ms: int) -> dict[str, Span]:
    """Ways to ask about what is stored from `start_ms` to `end_ms`."""
    minute_ms = 60_000
    return {
        "every scrape": Span(start_ms + 30 * minute_ms, start_ms + 90 * minute_ms, 15_000),
        "every minute and beyond both ends": Span(start_ms - 6 * minute_ms, end_ms + 8 * minute_ms, minute_ms),
        "off the scrapes": Span(start_ms + minute_ms + 1_234, end_ms, 7 * minute_ms),
        "one instant": Span(start_ms + 70 * minute_ms, start_ms + 70 * minute_ms, minute_ms),
    }


def differences(theirs: Series | Refused, ours: Series | Refused) -> list[str]:
    """Everything that is not the same, in words; empty if the answers agree."""
    if isinstance(theirs, Refused) or isinstance(ours, Refused):
        if isinstance(theirs, Refused) and isinstance(ours, Refused):
            return []
        return [f"theirs: {_summary(theirs)}", f"ours: {_summary(ours)}"]
    found = [f"missing: {labels}" for labels in theirs.keys() - ours.keys()]
    found += [f"too many: {labels}" for labels in ours.keys() - theirs.keys()]
    for labels in theirs.keys() & ours.keys():
        (expected, expected_present), (got, got_present) = theirs[labels], ours[labels]
        if (expected_present != got_present).any():
            at = np.flatnonzero(expected_present != got_present)
            found.append(f"{labels}: at steps {_some(at)} one has a value: theirs {_some(expected_present[at])}")
        both = expected_present & got_present
        near = np.isclose(got, expected, rtol=RELATIVE_TOLERANCE, atol=0.0, equal_nan=True)
        if (both & ~near).any():
            at = np.flatnonzero(both & ~near)
            found.append(f"{labels}: at steps {_some(at)} theirs {_some(expected[at])} ours {_some(got[at])}")
    return found


def _summary(answer: Series | Refused) -> str:
    return f"refused: {answer.why}" if isinstance(answer, Refused) else f"{len(answer)} series"


def _some(values: NDArray[Any]) -> str:
    return f"{values[:4].tolist()}{'...' if len(values) > 4 else ''}"
