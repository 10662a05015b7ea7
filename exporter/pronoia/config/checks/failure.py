"""Signals have names of their own and sources that exist; horizons and times fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.expressions import expression_problem
from pronoia.config.checks.finding import Finding
from pronoia.config.resolved import resolve
from pronoia.config.suggestion import did_you_mean
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Binary, Number, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.failure import FailureCondition, FailureSignal
    from pronoia.config.schema.settings import Settings

_LEAST_HORIZON_SECONDS = 60
_ANY = "any is that one of the others happens; name the failure itself"


def check_failure(settings: Settings) -> Iterator[Finding]:
    """Problems of the section `failure`."""
    section = settings.failure
    known: dict[tuple[str, str], int] = {}
    for position, signal in enumerate(section.signals):
        where = ("failure", "signals", position)
        first = known.setdefault((signal.failure, signal.name), position)
        if first < position:
            problem = f"{signal.failure} has a signal {signal.name!r} already, failure.signals[{first}]"
            yield Finding((*where, "name"), problem)
        if signal.failure == "any":
            yield Finding((*where, "failure"), _ANY)
        yield from _source(signal, where, settings)
    for position, condition in enumerate(section.conditions):
        yield from _condition(condition, ("failure", "conditions", position), settings)
    yield from _upstream(section.learnt_alerts.upstream, ("failure", "learnt_alerts"), settings)
    seconds = [horizon.whole_seconds for horizon in section.horizons]
    if min(seconds) < _LEAST_HORIZON_SECONDS or len(set(seconds)) < len(seconds):
        yield Finding(("failure", "horizons"), "horizons differ from each other, and none is shorter than 1m")
    if section.max_age < section.infer_every:
        problem = f"{section.max_age} is shorter than infer_every {section.infer_every}: nothing would stay on show"
        yield Finding(("failure", "max_age"), problem, (("failure", "infer_every"),))


def _source(signal: FailureSignal, where: tuple[str | int, ...], settings: Settings) -> Iterator[Finding]:
    queries = [query.name for query in resolve(settings)]
    if signal.query is not None and signal.query not in queries:
        problem = f"there is no query {signal.query!r}{did_you_mean(signal.query, queries)}"
        yield Finding((*where, "query"), problem, (("queries",), ("presets",)))
    if signal.expr is not None and (wrong := expression_problem(signal.expr)):
        yield Finding((*where, "expr"), wrong)
    yield from _upstream(signal.upstream, where, settings)


def _condition(condition: FailureCondition, where: tuple[str | int, ...], settings: Settings) -> Iterator[Finding]:
    if condition.failure == "any":
        yield Finding((*where, "failure"), _ANY)
    if wrong := expression_problem(condition.expr):
        yield Finding((*where, "expr"), wrong)
    else:
        compiled = compile_promql(condition.expr)
        root = compiled.root if isinstance(compiled, Plan) else None
        if isinstance(root, Number):
            yield Finding((*where, "expr"), "is a constant: it would hold always")
        elif isinstance(root, Binary) and root.returns_bool:
            problem = "with bool it has a value always, and a condition holds while it has one; leave bool out"
            yield Finding((*where, "expr"), problem)
    yield from _upstream(condition.upstream, where, settings)


def _upstream(name: str | None, where: tuple[str | int, ...], settings: Settings) -> Iterator[Finding]:
    upstreams = [upstream.name for upstream in settings.upstreams]
    if name is not None and name not in upstreams:
        problem = f"there is no upstream {name!r}{did_you_mean(name, upstreams)}"
        yield Finding((*where, "upstream"), problem, (("upstreams", "*", "name"),))
