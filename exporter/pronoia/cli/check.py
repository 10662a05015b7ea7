"""`pronoia check FILE`: is it right, and what does it mean."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pronoia.cli.way import way
from pronoia.config.duration import format_duration
from pronoia.config.load import load
from pronoia.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from pronoia.config.config import Config
    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.config.resolved_bottleneck import ResolvedResource


def run(arguments: argparse.Namespace) -> int:
    """Load the file, tell all that is wrong with it (as an error), or what it will do."""
    config = load(arguments.file)
    told = f"{arguments.file} is valid\n{describe(config)}"
    if arguments.connect:
        # Loads all that reading needs; without it a check takes half the time.
        from pronoia.cli.connect import measure

        found = measure(config)
        lines = "".join(found.lines)
        if found.problems:
            # What can be read helps to judge what cannot.
            sys.stdout.write(lines)
            raise ConfigError(found.problems, config.source)
        told += f"its upstreams answer\n{lines}"
    sys.stdout.write(told)
    return 0


def describe(config: Config) -> str:
    """What a configuration will read, how, what it watches, and how many series come of it for each source series."""
    lines = []
    reads = {upstream.name: upstream.read for upstream in config.upstream_settings()}
    for query in config.resolved_queries():
        history, step = (format_duration(1000 * seconds) for seconds in (query.history_seconds, query.step_seconds))
        lines.append(
            f"query {query.name}: {way(query.expr, reads[query.upstream])}; "
            f"upstream {query.upstream}, {history} of history at {step}, "
            f"{3 * len(query.horizons_seconds)} forecast series for each source series"
        )
    lines += [_resource(resource) for resource in config.resolved_resources()]
    lines += [_watch(watch) for watch in config.resolved_watches()]
    lines += [f"warning: {warning}" for warning in config.warnings]
    lines += [f"note: {note}" for note in config.notes]
    return "".join(f"  {line}\n" for line in lines)


def _resource(resource: ResolvedResource) -> str:
    source = f"query {resource.query}" if resource.query else resource.expr
    horizons = ", ".join(format_duration(1000 * seconds) for seconds in resource.horizons_seconds)
    return f"resource {resource.name}: overloaded at {resource.threshold:g} of {source}; foretold {horizons} ahead"


def _watch(watch: ResolvedWatch) -> str:
    of = f"{len(watch.queries)} queries by {', '.join(watch.by)}" if watch.kind == "system" else "its series"
    history, step = (format_duration(1000 * seconds) for seconds in (watch.history_seconds, watch.step_seconds))
    rate = f"{watch.false_alarms_per_day:g} false alarms a day are put up with"
    return f"{watch.kind} {watch.name} is watched: {of}, {history} of history at {step}; of each {rate}"
