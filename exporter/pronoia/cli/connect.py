"""`pronoia check FILE --connect`: what each query would read, asked of its upstream."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration
from pronoia.errors import ConfigError, ConfigProblem, PronoiaError, UpstreamError
from pronoia.pipeline.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pronoia.config.config import Config
    from pronoia.config.resolved import ResolvedQuery

_WAYS = {"remote_read": "by remote-read", "query_api": "over the HTTP API"}
# What a server says to one query that is wrong or too large; all else it would say to every query.
_OF_ONE_QUERY = frozenset({"400", "422", "too_large"})


def measure(config: Config, clock: Callable[[], float] = time.time) -> str:
    """What each query would read, a line each.

    Args:
        config: whose upstreams are asked; each query costs a read of the newest five minutes.
        clock: Unix time in seconds.

    Raises:
        ConfigError: naming every query that would pass a limit or is refused, and every upstream that cannot be read.
    """
    found = _Found(clock)
    queries = config.resolved_queries()
    for settings in config.upstream_settings():
        own = [query for query in queries if query.upstream == settings.name]
        upstream = Upstream(settings)
        try:
            found.ask(upstream, own)
        finally:
            upstream.close()
    if found.problems:
        raise ConfigError(found.problems, config.source)
    return "".join(found.lines)


@dataclass
class _Found:
    clock: Callable[[], float]
    lines: list[str] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)

    def ask(self, upstream: Upstream, queries: Sequence[ResolvedQuery]) -> None:
        for query in queries:
            try:
                self.lines.append(_measured(upstream, query, round(self.clock() * 1000)))
            except PronoiaError as error:
                if isinstance(error, UpstreamError) and error.cause not in _OF_ONE_QUERY:
                    self.problems.append(ConfigProblem(f"upstream {upstream.name}", str(error)))
                    return
                self.problems.append(ConfigProblem(f"{query.origin}, query {query.name}", str(error)))


def _measured(upstream: Upstream, query: ResolvedQuery, now_ms: int) -> str:
    size = upstream.size(query.expr, now_ms, query.step_seconds * 1000)
    return (
        f"  query {query.name}: {size.n_series} series with {size.samples_per_second:.3g} samples a second, read "
        f"{_WAYS[upstream.path_of(query.expr)]} in slices of {format_duration(upstream.slice_ms(size))}\n"
    )
