"""Upstream: one server to read from, by the best way that it offers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from pronoia.errors import QueryTooLarge, ResponseTooLarge, SeriesLimitExceeded, UpstreamStatus, UpstreamUnreachable
from pronoia.pipeline.external_labels import StoredSeries
from pronoia.pipeline.local_evaluation import LocalEvaluation, NativeHistogramsFound
from pronoia.pipeline.planned_read import PlannedRead, planned_reads
from pronoia.pipeline.planner import Planner
from pronoia.pipeline.probe import PROBE_MS, measured_parts
from pronoia.pipeline.read_size import PartSize, ReadSize
from pronoia.pipeline.refusals import Refusals
from pronoia.pipeline.remote_read_way import RemoteReadWay
from pronoia.pipeline.server_semantics import ServerSemantics
from pronoia.pipeline.status_pages import StatusPages
from pronoia.promql.plan import Selector
from pronoia.promql.selector import is_plain_selector, parse_selector
from pronoia.promql.subquery_spans import subquery_spans
from pronoia.promql.syntax.fixed import is_tied_to_ends
from pronoia.query_api.client import QueryApiClient
from pronoia.remote_read.client import RemoteReadClient
from pronoia.series import Grid, SeriesFrame, TimeRange, merge_frames
from pronoia.transport.session import UpstreamSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pronoia.promql.plan import Plan
    from pronoia.series import Matcher
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.observer import RequestObserver
    from pronoia.transport.settings import UpstreamSettings

    ReadPath = Literal["remote_read", "query_api"]

T = TypeVar("T")

# Shorter reads tell by themselves what they take.
_LONG_MS = 12 * PROBE_MS
_NOT_READY = 503


class Upstream:
    """Reads by remote-read, with expressions evaluated here; what that cannot give, by the HTTP API.

    Safe to share by threads.

    Args:
        settings: the server; `settings.read` may name one way for good.
        observer: told about requests, retries and fallbacks.
        session: the connections; made from the settings by default.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        observer: RequestObserver | None = None,
        *,
        session: UpstreamSession | None = None,
    ) -> None:
        self.settings = settings
        self._session = session or UpstreamSession(settings, observer)
        self._pages = StatusPages(self._session)
        self._stored = StoredSeries(RemoteReadClient(self._session), self._pages)
        self._query_api = QueryApiClient(self._session)
        self._way = RemoteReadWay(self._session)
        self._planner = Planner(self._session, ServerSemantics(self._session, self._pages))
        self._evaluation = LocalEvaluation(self._stored, settings.limits)
        self._refusals = Refusals(self._session.clock)

    @property
    def name(self) -> str:
        """The upstream's name in the configuration."""
        return self.settings.name

    @property
    def path(self) -> ReadPath:
        """The way by which plain selectors are read now."""
        return "remote_read" if self._way.is_open else "query_api"

    def path_of(self, expression: str) -> ReadPath:
        """The way by which an expression is read now.

        Raises:
            QueryError: if it is not PromQL.
        """
        if is_plain_selector(expression) or self._planner.evaluates(expression):
            return self.path
        return "query_api"

    def read(
        self, expression: str, time_range: TimeRange, step_ms: int, deadline: Deadline | None = None
    ) -> SeriesFrame:
        """What an expression was worth over a time range.

        Args:
            expression: a plain selector, of which every stored sample is returned, or any other PromQL, which is
                evaluated at the multiples of the step inside the range.
            time_range: both ends included.
            step_ms: distance of the evaluations; without meaning for a plain selector.
            deadline: for the whole read; the settings' timeout by default.

        Returns:
            Staleness markers are kept where a selector was read by remote-read; the HTTP API does not show them. Of
            an expression, the values that are present: NaN is one, an instant without a value is absent.

        Raises:
            QueryError: if the expression is not PromQL.
            QueryTooLarge: if a long read of an expression would pass a limit however it is sliced.
            UpstreamError: as the clients raise it.
            SeriesLimitExceeded: as the clients and the evaluation raise it.
            EvaluationError: if the samples at hand give the expression no meaning.
        """
        deadline = deadline or self._session.deadline()
        if is_plain_selector(expression):
            return self._raw(parse_selector(expression), time_range, deadline)
        parts = self._slices(expression, time_range, step_ms, deadline)
        return merge_frames([self._part(expression, part, step_ms, deadline) for part in parts])

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        """The same as `read`, part after part, oldest first: as narrow as memory demands, each with its own timeout."""
        for part in self._slices(expression, time_range, step_ms, self._session.deadline()):
            yield self._part(expression, part, step_ms, self._session.deadline())

    def size(self, expression: str, at_ms: int, step_ms: int, deadline: Deadline | None = None) -> ReadSize:
        """What reading an expression takes, told from the last minutes before an instant.

        Raises:
            QueryTooLarge: if it passes a limit however it is sliced.
            PronoiaError: as `read` raises it.
        """
        deadline = deadline or self._session.deadline()
        if is_plain_selector(expression):
            matchers = parse_selector(expression)
            read = PlannedRead(matchers, TimeRange(at_ms, at_ms), (Selector(matchers, 0),))
            parts = measured_parts(expression, [read], partial(self._raw, deadline=deadline))
            size = ReadSize(expression, step_ms, tuple(parts))
        else:
            size = self._evaluated_here(
                expression, lambda plan: self._plan_size(plan, at_ms, step_ms, deadline), deadline
            ) or self._answer_size(expression, at_ms, step_ms, deadline)
        size.check(self.settings.limits)
        return size

    def slice_ms(self, size: ReadSize) -> int:
        """The width in which long ranges of an expression of this size are read."""
        # Narrower slices than what one instant needs would read the same samples over and over.
        widest_ms = max(round(self.settings.slice_seconds * 1000), size.before_ms, 1)
        return size.slice_ms(widest_ms, self.settings.limits)

    def close(self) -> None:
        """Close the connections kept open."""
        self._session.close()

    def _part(self, expression: str, time_range: TimeRange, step_ms: int, deadline: Deadline) -> SeriesFrame:
        if is_plain_selector(expression):
            return self._raw(parse_selector(expression), time_range, deadline)
        first_ms = -(-time_range.start_ms // step_ms) * step_ms
        grid = Grid(first_ms, step_ms, max(0, (time_range.end_ms - first_ms) // step_ms + 1))
        if not grid.n_steps:
            return SeriesFrame.empty()
        frame = self._evaluated_here(expression, lambda plan: self._evaluation.read(plan, grid, deadline), deadline)
        return self._query_api.query_range(expression, grid, deadline) if frame is None else frame

    def _slices(self, expression: str, time_range: TimeRange, step_ms: int, deadline: Deadline) -> Iterator[TimeRange]:
        if time_range.duration_ms < _LONG_MS:
            return iter((time_range,))
        size = self._refusals.remember(expression, lambda: self.size(expression, time_range.end_ms, step_ms, deadline))
        if is_tied_to_ends(expression):
            # It would mean something else in each slice.
            size.check(self.settings.limits, time_range.duration_ms)
            return iter((time_range,))
        return time_range.slices(self.slice_ms(size))

    def _raw(self, matchers: Sequence[Matcher], time_range: TimeRange, deadline: Deadline) -> SeriesFrame:
        frame = self._by_remote_read(lambda: self._stored.read(matchers, time_range, deadline))
        return self._query_api.raw(matchers, time_range, deadline) if frame is None else frame

    def _evaluated_here(self, expression: str, work: Callable[[Plan], T], deadline: Deadline) -> T | None:
        """What `work` makes of the expression's plan; None where the server is to evaluate."""
        if not self._way.is_tried:
            return None
        plan = self._planner.plan(expression, deadline)
        if plan is None:
            return None
        try:
            return self._by_remote_read(lambda: work(plan))
        except NativeHistogramsFound as found:
            self._planner.leave_to_server(expression, found)
            return None

    def _by_remote_read(self, work: Callable[[], T]) -> T | None:
        try:
            return self._way.through(work)
        except (UpstreamUnreachable, UpstreamStatus) as error:
            # A server that is away, or only starting, may come back as another version.
            if not isinstance(error, UpstreamStatus) or error.status == _NOT_READY:
                self._pages.ask_again()
            raise

    def _plan_size(self, plan: Plan, at_ms: int, step_ms: int, deadline: Deadline) -> ReadSize:
        reads = planned_reads(plan, at_ms, at_ms)
        parts = measured_parts(plan.expression, reads, partial(self._evaluation.raw, deadline=deadline))
        return ReadSize(plan.expression, step_ms, tuple(parts), tuple(subquery_spans(plan)))

    def _answer_size(self, expression: str, at_ms: int, step_ms: int, deadline: Deadline) -> ReadSize:
        """Of an expression that the server evaluates, the answer is what is read."""
        try:
            frame = self._query_api.query_range(expression, Grid(at_ms, step_ms, 1), deadline)
        except (SeriesLimitExceeded, ResponseTooLarge) as error:
            raise QueryTooLarge(expression, f"its answer is too large: {error}; aggregate more") from error
        return ReadSize(expression, step_ms, (PartSize(0, frame.n_series, 1000 * frame.n_series / step_ms),))
