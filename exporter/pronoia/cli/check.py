"""`pronoia check FILE`: is it right, and what does it mean."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pronoia.cli.way import way
from pronoia.config.duration import format_duration
from pronoia.config.load import load
from pronoia.errors import ConfigError
from pronoia.exposition.text import format_horizon
from pronoia.pipeline.alert_plan import alert_plan

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pronoia.config.config import Config
    from pronoia.config.resolved_anomaly import ResolvedWatch
    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.config.resolved_failure import ResolvedAlerts, ResolvedFailure, ResolvedSignal


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
    """What a configuration will read, how, what it watches, and how many series come of it for each source series.

    Raises:
        ConfigError: if rules cannot be rendered from it.
    """
    alert_plan(config)
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
    lines += [line for failure in config.resolved_failures() for line in _failure(failure)]
    if (alerts := config.resolved_alerts()) is not None:
        lines.append(f"your own alerts are learnt from upstream {alerts.upstream}; foretold {_ahead(alerts)} ahead")
    lines += [f"warning: {warning}" for warning in config.warnings]
    lines += [f"note: {note}" for note in config.notes]
    return "".join(f"  {line}\n" for line in lines)


def _resource(resource: ResolvedResource) -> str:
    source = _source(resource)
    return (
        f"resource {resource.name}: overloaded at {resource.threshold:g} of {source}; foretold {_ahead(resource)} ahead"
    )


def _failure(failure: ResolvedFailure) -> Iterator[str]:
    ahead = f"foretold {_ahead(failure)} ahead"
    for signal in failure.signals:
        yield f"failure {failure.name}: signal {signal.name}, at {signal.limit:g} of {_source(signal)}; {ahead}"
    for condition in failure.conditions:
        yield f"failure {failure.name}: happens while {_on_one_line(condition.expr)} has a value" + (
            "" if failure.signals else f"; {ahead}"
        )


def _source(read: ResolvedResource | ResolvedSignal) -> str:
    return f"query {read.query}" if read.query else _on_one_line(read.expr)


def _on_one_line(expression: str) -> str:
    return " ".join(expression.split())


def _ahead(told: ResolvedResource | ResolvedFailure | ResolvedAlerts) -> str:
    return ", ".join(map(format_horizon, told.horizons_seconds))


def _watch(watch: ResolvedWatch) -> str:
    of = f"{len(watch.queries)} queries by {', '.join(watch.by)}" if watch.kind == "system" else "its series"
    history, step = (format_duration(1000 * seconds) for seconds in (watch.history_seconds, watch.step_seconds))
    rate = f"{watch.false_alarms_per_day:g} false alarms a day are put up with"
    return f"{watch.kind} {watch.name} is watched: {of}, {history} of history at {step}; of each {rate}"
