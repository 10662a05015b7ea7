"""Evaluating a plan over raw samples, at all instants at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import SeriesLimitExceeded
from pronoia.promql.instant import Selected, select_instants
from pronoia.promql.instant_functions.absent import absent, absent_over_time, labels_of_matchers
from pronoia.promql.instant_functions.instants import Instants
from pronoia.promql.instant_functions.registry import INSTANT_FUNCTIONS
from pronoia.promql.nameless import nameless
from pronoia.promql.operators.aggregate import aggregate
from pronoia.promql.operators.binary import binary, negate
from pronoia.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Kind,
    Negate,
    Number,
    Select,
    SelectRange,
    String,
    Subquery,
    fixed_ms,
)
from pronoia.promql.range_functions.registry import KEEPS_NAME, RANGE_FUNCTIONS, range_functions
from pronoia.promql.subquery import as_samples, subquery_times
from pronoia.promql.vector import Scalar, Vector, relabelled
from pronoia.promql.windows import windows_over
from pronoia.series.aligned import AlignedFrame
from pronoia.series.frame import SeriesFrame
from pronoia.series.labels import LabelSet
from pronoia.series.staleness import STALE_NAN, drop_stale
from pronoia.series.timerange import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.promql.plan import Node, Plan, Selector, Timing
    from pronoia.promql.windows import Windows

#: Values of one intermediate result, 9 bytes each; as many as Prometheus' own `--query.max-samples`.
MAX_POINTS = 50_000_000


def evaluate(
    plan: Plan,
    frames: Mapping[Selector, SeriesFrame],
    start_ms: int,
    end_ms: int,
    step_ms: int,
    *,
    max_points: int = MAX_POINTS,
) -> AlignedFrame:
    """What Prometheus' range query answers: the expression at `start_ms`, `start_ms + step_ms`, ... up to `end_ms`.

    Args:
        plan: from `compile`.
        frames: for each of the plan's selectors the series that match it, with their samples, staleness markers
            included, of at least `selector.time_range(start_ms, end_ms)`; more samples do no harm.
        start_ms: the first instant, UTC milliseconds.
        end_ms: not before the start; the last instant if it is on the grid.
        step_ms: distance of the instants.
        max_points: series times instants of any intermediate result.

    Returns:
        Series that have a value at some instant. Where one has none, `values` holds the staleness marker, so that
        it can be told from values that are NaN (`pronoia.series.is_stale`). Sorted by labels; for a single instant
        in the order that `sort` or `topk` gave. A scalar is one series without labels.

    Raises:
        EvaluationError: where Prometheus refuses as well: series that become equal, ambiguous matching.
        SeriesLimitExceeded: if an intermediate result would pass `max_points`.
        ValueError: if a frame is missing, or the range or the step is not possible.
    """
    if step_ms < 1 or end_ms < start_ms:
        raise ValueError(f"from {start_ms} to {end_ms} in steps of {step_ms} ms is not possible")
    missing = [selector for selector in plan.selectors if selector not in frames]
    if missing:
        raise ValueError(f"no frame for {len(missing)} of {len(plan.selectors)} selectors, the first is {missing[0]}")
    grid = Grid(start_ms, step_ms, (end_ms - start_ms) // step_ms + 1)
    evaluation = _Evaluation(plan, frames, start_ms, end_ms, max_points)
    with np.errstate(all="ignore"):
        result = evaluation.instant(plan.root, grid.timestamps_ms)
    if isinstance(result, Scalar):
        return AlignedFrame((LabelSet(),), grid, np.array([result.values]))
    vector = result.without_absent()
    if grid.n_steps > 1:
        labels = vector.labels
        vector = vector.take(sorted(range(len(labels)), key=lambda i: labels[i].pairs))
    return AlignedFrame(vector.labels, grid, np.where(vector.present, vector.values, STALE_NAN))


class _Evaluation:
    """One evaluation; `times_ms` is everywhere the instants asked of a node, int64 (n_steps,)."""

    def __init__(
        self, plan: Plan, frames: Mapping[Selector, SeriesFrame], start_ms: int, end_ms: int, max_points: int
    ) -> None:
        self._semantics = plan.semantics
        # Ties (topk) are broken by the order of the series, which is that of their labels.
        self._frames = {selector: _sorted(frames[selector]) for selector in plan.selectors}
        self._living: dict[Selector, SeriesFrame] = {}
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._max_points = max_points

    def instant(self, node: Node, times_ms: NDArray[np.int64]) -> Vector | Scalar:
        """An expression that gives an instant vector or a scalar."""
        result: Vector | Scalar
        match node:
            case Number():
                return Scalar(np.full(len(times_ms), node.value))
            case Select():
                result = self._select(node, times_ms).vector
            case Call():
                result = self._call(node, times_ms)
            case Aggregate():
                result = self._aggregate(node, times_ms)
            case Binary():
                left, right = self.instant(node.left, times_ms), self.instant(node.right, times_ms)
                result = binary(
                    node.operator,
                    left,
                    right,
                    node.matching,
                    node.returns_bool,
                    max_points=self._max_points,
                    counts_filtered=self._semantics.counts_filtered,
                )
            case Negate():
                result = negate(self.instant(node.expression, times_ms))
            case _:
                raise ValueError(f"a {node.kind.value} where an instant vector or a scalar is needed: {node}")
        if isinstance(result, Vector):
            self._check_size(result.n_series, len(times_ms))
        return result

    def windows(self, node: Node, times_ms: NDArray[np.int64]) -> Windows:
        """An expression that gives a range vector."""
        match node:
            case SelectRange():
                frame = self._without_markers(node.selector)
            case Subquery():
                frame = self._subquery(node, times_ms)
            case _:
                raise ValueError(f"a {node.kind.value} where a range vector is needed: {node}")
        self._check_size(frame.n_series, len(times_ms))
        ends_ms = self._ends(node.timing, times_ms)
        return windows_over(frame, times_ms, ends_ms, node.range_ms, left_open=self._semantics.left_open)

    def _select(self, node: Select, times_ms: NDArray[np.int64]) -> Selected:
        frame = self._frames[node.selector]
        self._check_size(frame.n_series, len(times_ms))
        ends_ms = self._ends(node.timing, times_ms)
        return select_instants(frame, ends_ms, self._semantics.lookback_ms, left_open=self._semantics.left_open)

    def _subquery(self, node: Subquery, times_ms: NDArray[np.int64]) -> SeriesFrame:
        ends_ms = self._ends(node.timing, times_ms)
        first_ms, last_ms = int(ends_ms[0]) - node.range_ms, int(ends_ms[-1])
        self._check_size(1, (last_ms - first_ms) // node.step_ms)
        inner_ms = subquery_times(first_ms, last_ms, node.step_ms, left_open=self._semantics.left_open)
        if not len(inner_ms):
            return SeriesFrame.empty()
        return as_samples(self._vector(node.expression, inner_ms), inner_ms)

    def _call(self, node: Call, times_ms: NDArray[np.int64]) -> Vector | Scalar:
        if node.function in RANGE_FUNCTIONS:
            return self._range_call(node, times_ms)
        argument = node.arguments[0] if node.arguments else None
        match node.function, argument:
            case "absent_over_time", _:
                return absent_over_time(self.windows(node.arguments[0], times_ms), _selector_labels(argument))
            case "absent", _:
                return absent(self._vector(node.arguments[0], times_ms), _selector_labels(argument))
            case "timestamp", Select():
                selected = self._select(argument, times_ms)
                vector = selected.vector
                labels = [nameless(each) for each in vector.labels]
                return relabelled(labels, selected.sampled_at_ms / 1000.0, vector.present)
        arguments = tuple(
            each.value if isinstance(each, String) else self.instant(each, times_ms) for each in node.arguments
        )
        return INSTANT_FUNCTIONS[node.function](arguments, Instants(times_ms))

    def _range_call(self, node: Call, times_ms: NDArray[np.int64]) -> Vector:
        ranged = next(each for each in node.arguments if each.kind is Kind.RANGE)
        windows = self.windows(ranged, times_ms)
        scalars = tuple(self._scalar(each, times_ms).values for each in node.arguments if each.kind is Kind.SCALAR)
        values, present = range_functions(self._semantics)[node.function](windows, scalars)
        if node.function in KEEPS_NAME:
            return Vector(windows.labels, values, present)
        labels = [nameless(each) for each in windows.labels]
        return relabelled(labels, values, present, merge=False)

    def _aggregate(self, node: Aggregate, times_ms: NDArray[np.int64]) -> Vector:
        vector = self._vector(node.expression, times_ms)
        parameter: Scalar | str | None = None
        if isinstance(node.parameter, String):
            parameter = node.parameter.value
        elif node.parameter is not None:
            parameter = self._scalar(node.parameter, times_ms)
        return aggregate(
            node.operator,
            vector,
            parameter,
            node.grouping,
            node.without,
            max_points=self._max_points,
        )

    def _vector(self, node: Node, times_ms: NDArray[np.int64]) -> Vector:
        result = self.instant(node, times_ms)
        if isinstance(result, Scalar):
            raise TypeError(f"a scalar where an instant vector is needed: {node}")
        return result

    def _scalar(self, node: Node, times_ms: NDArray[np.int64]) -> Scalar:
        result = self.instant(node, times_ms)
        if isinstance(result, Vector):
            raise TypeError(f"an instant vector where a scalar is needed: {node}")
        return result

    def _ends(self, timing: Timing, times_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """The instants that a selector or subquery looks at when it is evaluated at `times_ms`."""
        if timing.at is None:
            return times_ms - timing.offset_ms
        fixed = fixed_ms(timing.at, self._start_ms, self._end_ms)
        return np.full(len(times_ms), fixed - timing.offset_ms, np.int64)

    def _without_markers(self, selector: Selector) -> SeriesFrame:
        if selector not in self._living:
            self._living[selector] = drop_stale(self._frames[selector])
        return self._living[selector]

    def _check_size(self, n_series: int, n_steps: int) -> None:
        if n_series * n_steps > self._max_points:
            raise SeriesLimitExceeded("points of an intermediate result", n_series * n_steps, self._max_points)


def _selector_labels(node: Node | None) -> LabelSet:
    """What `absent` can say of the series that is missing."""
    if isinstance(node, Select | SelectRange):
        return labels_of_matchers(node.selector.matchers)
    return LabelSet()


def _sorted(frame: SeriesFrame) -> SeriesFrame:
    keys = [labels.pairs for labels in frame.labels]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return frame if order == list(range(len(keys))) else frame.take(order)
