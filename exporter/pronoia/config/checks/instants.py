"""Queries look at what has happened, and mean the same whatever range of them is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.duration import format_duration
from pronoia.errors import QueryError
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan
from pronoia.promql.syntax.fixed import fixed_at
from pronoia.promql.syntax.place import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.settings import Settings


def check_instants(settings: Settings) -> Iterator[Finding]:
    """Expressions fixed with `@`, and selectors that look into the future.

    A history is read in slices, and each round adds what is new: `@ start()` would mean another instant in each. What
    lies in the future arrives after the instants that need it, which are not read again.
    """
    of_queries = ((("queries", position, "expr"), query.expr) for position, query in enumerate(settings.queries))
    of_events = ((("events", position, "query"), event.query) for position, event in enumerate(settings.events))
    of_resources = (
        (("bottleneck", "resources", position, "expr"), resource.expr)
        for position, resource in enumerate(settings.bottleneck.resources)
    )
    of_signals = (
        (("failure", "signals", position, "expr"), signal.expr)
        for position, signal in enumerate(settings.failure.signals)
    )
    for path, expression in (*of_queries, *of_events, *of_resources, *of_signals):
        try:
            problems = list(_problems(expression or "vector(0)"))
        except QueryError:
            # Told by another check.
            continue
        for problem in problems:
            yield Finding(path, problem)


def _problems(expression: str) -> Iterator[str]:
    fixed = fixed_at(expression)
    if fixed is not None:
        yield (
            f"{place(expression, fixed)}: @ fixes an instant, and what is forecast has to move with time; use offset, "
            "or a recording rule"
        )
    plan = compile_promql(expression)
    for selector in plan.selectors if isinstance(plan, Plan) else ():
        if selector.offset_ms < 0 and selector.at is None:
            yield (
                f"{place(expression, selector.position)}: looks {format_duration(-selector.offset_ms)} into the "
                "future, and a forecast cannot wait for it; drop the negative offset"
            )
