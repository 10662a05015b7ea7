"""PromQL evaluated here: an expression compiled to a plan, and the plan evaluated over raw samples.

>>> from pronoia.promql import compile, evaluate, frames_of
>>> from pronoia.series import LabelSet, SeriesFrame
>>> requests = SeriesFrame.from_series({
...     LabelSet({"__name__": "requests_total", "code": "200"}): ([0, 60_000, 120_000], [0.0, 30.0, 90.0]),
...     LabelSet({"__name__": "requests_total", "code": "500"}): ([0, 60_000, 120_000], [0.0, 30.0, 30.0]),
... })
>>> plan = compile('sum(rate(requests_total[90s]))')
>>> evaluate(plan, frames_of(plan, requests), start_ms=120_000, end_ms=120_000, step_ms=60_000).values.tolist()
[[1.0]]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pronoia.promql.compiler import compile  # noqa: A004
from pronoia.promql.frames import frames_of
from pronoia.promql.plan import Plan, Selector, Unsupported
from pronoia.promql.semantics import Semantics

if TYPE_CHECKING:
    from pronoia.promql.evaluator import evaluate

__all__ = ["Plan", "Selector", "Semantics", "Unsupported", "compile", "evaluate", "frames_of"]


def __getattr__(name: str) -> Any:
    # Lazy, so that a configuration can be checked without loading what compiles inner loops.
    if name == "evaluate":
        from pronoia.promql.evaluator import evaluate

        return evaluate
    raise AttributeError(f"module 'pronoia.promql' has no attribute {name!r}")
