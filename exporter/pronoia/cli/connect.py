"""`pronoia check FILE --connect`: what each query, resource and failure would read, asked of its upstream."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration
from pronoia.errors import ConfigProblem, PronoiaError, UpstreamError
from pronoia.pipeline.upstream import Upstream
from pronoia.promql.selector import is_plain_selector
from pronoia.series import TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pronoia.config.config import Config
    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.config.resolved_failure import ResolvedCondition, ResolvedSignal

_WAYS = {"remote_read": "by remote-read", "query_api": "over the HTTP API"}
# What a server says to one query that is wrong or too large; all else it would say to every query.
_OF_ONE_QUERY = frozenset({"400", "422", "too_large"})


def measure(config: Config, clock: Callable[[], float] = time.time) -> Measured:
    """What each query would read, and what reads for itself besides, and whether it can be evaluated.

    Args:
        config: whose upstreams are asked; each of them costs a read of the newest five minutes, and what one instant
            of it needs.
        clock: Unix time in seconds.
    """
    found = Measured(clock)
    reads = list(_reads(config))
    for settings in config.upstream_settings():
        own = [read for read in reads if read.of.upstream == settings.name]
        upstream = Upstream(settings)
        try:
            found.ask(upstream, own)
        finally:
            upstream.close()
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    """An expression that is read.

    Args:
        name: what it is called.
        of: the query, resource, signal or condition.
        step_seconds: distance of its evaluations.
        origin: where in the file it is.
    """

    name: str
    of: ResolvedQuery | ResolvedResource | ResolvedSignal | ResolvedCondition
    step_seconds: int
    origin: str


def _reads(config: Config) -> Iterator[_Read]:
    for query in config.resolved_queries():
        yield _Read(f"query {query.name}", query, query.step_seconds, query.origin)
    for resource in config.resolved_resources():
        if resource.reads_for_itself:
            yield _Read(f"resource {resource.name}", resource, resource.slot_seconds, resource.origin)
    for failure in config.resolved_failures():
        for signal in failure.signals:
            if not signal.query:
                name = f"failure {failure.name}, signal {signal.name}"
                yield _Read(name, signal, signal.step_seconds, "failure.signals")
        for condition in failure.conditions:
            name = f"failure {failure.name}, condition {' '.join(condition.expr.split())}"
            yield _Read(name, condition, failure.step_seconds, "failure.conditions")


@dataclass
class Measured:
    """What was found by asking.

    Args:
        clock: Unix time in seconds.
        lines: what is read, of each that can be.
        problems: every one that would pass a limit, is refused or cannot be evaluated, and every upstream that
            cannot be read.
    """

    clock: Callable[[], float]
    lines: list[str] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)

    def ask(self, upstream: Upstream, reads: Sequence[_Read]) -> None:
        """Ask one upstream for what is read of it, until it cannot be read."""
        for read in reads:
            try:
                self.lines.append(_measured(upstream, read, round(self.clock() * 1000)))
            except PronoiaError as error:
                if isinstance(error, UpstreamError) and error.cause not in _OF_ONE_QUERY:
                    self.problems.append(ConfigProblem(f"upstream {upstream.name}", str(error)))
                    return
                self.problems.append(ConfigProblem(f"{read.origin}, {read.name}", str(error)))


def _measured(upstream: Upstream, read: _Read, now_ms: int) -> str:
    expr, step_ms = read.of.expr, read.step_seconds * 1000
    size = upstream.size(expr, now_ms, step_ms)
    if not is_plain_selector(expr):
        # Only evaluation tells whether series match each other as the expression wants.
        at_ms = now_ms // step_ms * step_ms
        upstream.read(expr, TimeRange(at_ms, at_ms), step_ms)
    found = f"{size.n_series} series with {size.samples_per_second:.3g} samples a second"
    return (
        f"  {read.name}: {found if size.n_series else 'no series is there now'}, read "
        f"{_WAYS[upstream.path_of(expr)]} in slices of {format_duration(upstream.slice_ms(size))}\n"
    )
