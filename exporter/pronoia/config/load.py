"""Reading the configuration: everything that is wrong with it, told at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pronoia.config.checks.alert_bridge import doubtful_alert_bridge
from pronoia.config.checks.anomaly import check_anomaly
from pronoia.config.checks.bottleneck import check_bottleneck, doubtful_bottleneck
from pronoia.config.checks.calendar import check_calendar
from pronoia.config.checks.expressions import check_expressions, doubtful_expressions
from pronoia.config.checks.failure import check_failure
from pronoia.config.checks.instants import check_instants
from pronoia.config.checks.names import check_names
from pronoia.config.checks.shipped_rules import doubtful_horizons
from pronoia.config.checks.subqueries import check_subqueries
from pronoia.config.checks.timing import check_timing, doubtful_timing
from pronoia.config.checks.units import doubtful_units
from pronoia.config.checks.upstreams import check_upstreams, doubtful_upstreams
from pronoia.config.config import Config
from pronoia.config.document import read_document, show_path
from pronoia.config.environment import substitute
from pronoia.config.notes import notes_on
from pronoia.config.pruned import prune
from pronoia.config.schema.settings import Settings
from pronoia.config.schema.upstream import Upstream
from pronoia.config.wording import complaints
from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.config.checks.finding import Finding
    from pronoia.config.document import Document
    from pronoia.config.document import Path as Place
    from pronoia.config.environment import Substituted

# Pruning what is wrong can bring up what was hidden behind it (an entry that lacks a key it lost); this many rounds.
_MAX_ROUNDS = 5


def load(path: Path | str) -> Config:
    """Read a configuration file, with secrets from the environment.

    Raises:
        ConfigError: with all problems found, each with its place in the file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError([ConfigProblem("", f"cannot be read: {reason}")], str(path)) from error
    return parse(text, str(path), directory=path.absolute().parent)


def parse(text: str, source: str, *, directory: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read a configuration from text.

    Args:
        text: YAML.
        source: what to call it in messages.
        directory: what relative paths are relative to; the working directory if not given.
        environ: values for `${NAME}`; the process's environment if not given.

    Raises:
        ConfigError: with all problems found, each with its place in the text.
    """
    document = read_document(text, source)
    substituted = substitute(document.tree, os.environ if environ is None else environ)
    problems: list[ConfigProblem] = list(document.problems)
    warnings: list[ConfigProblem] = []
    for place, problem in substituted.missing:
        if place[0] == "alerts":
            # Alertmanager finds secrets in files of its own; only a rendering with them inline misses it here.
            warnings.append(_problem(place, problem + "; only --secrets.inline needs it", document, substituted))
        else:
            problems.append(_problem(place, problem, document, substituted))

    settings, found = _validated(substituted, {place for place, _ in substituted.missing})
    problems += [_problem(place, problem, document, substituted) for place, problem in found]
    if problems or settings is None:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line), source)

    directory = directory or Path.cwd()
    doubts = (
        *doubtful_upstreams(settings, directory),
        *doubtful_timing(settings),
        *doubtful_expressions(settings),
        *doubtful_units(settings),
        *doubtful_bottleneck(settings, directory),
        *doubtful_alert_bridge(settings, directory),
        *doubtful_horizons(settings),
    )
    warnings += [_problem(doubt.path, doubt.problem, document, substituted) for doubt in doubts]
    return Config(settings, source, directory, tuple(warnings), notes_on(settings))


def default_config(prometheus_url: str) -> Config:
    """The configuration of `pronoia run --prometheus.url URL`: one Prometheus and the node-exporter preset.

    Raises:
        ConfigError: if the address cannot be used.
    """
    flag = "--prometheus.url"
    try:
        settings = Settings(upstreams=(Upstream(url=prometheus_url),))
    except ValidationError as error:
        raise ConfigError([ConfigProblem(flag, found.problem) for found in complaints(error, Upstream)]) from error
    problems = [ConfigProblem(flag, finding.problem) for finding in check_upstreams(settings)]
    if problems:
        raise ConfigError(problems)
    return Config(settings, flag, Path.cwd())


def _validated(substituted: Substituted, unresolved: set[Place]) -> tuple[Settings | None, list[tuple[Place, str]]]:
    """The settings, if all is well, and every problem: those of single values, and those of what is left together."""
    found: list[tuple[Place, str]] = []
    spoiled: list[Place] = [place for place in unresolved if place[0] != "alerts"]
    pruned = prune(substituted.tree, ())
    for round_number in range(_MAX_ROUNDS):
        try:
            settings = Settings.model_validate(pruned.tree)
        except ValidationError as error:
            for complaint in complaints(error, Settings):
                place = pruned.original(complaint.path)
                # Later rounds complain about what pruning took away; a reference left as it was has been told.
                if round_number == 0 and place not in unresolved:
                    found.append((place, complaint.problem))
                spoiled += [pruned.original(path) for path in complaint.spoils]
            pruned = prune(substituted.tree, spoiled)
            continue
        if spoiled and not round_number:
            pruned = prune(substituted.tree, spoiled)
            continue
        for finding in _findings(settings):
            place = pruned.original(finding.path)
            looked_at = (place, *(pruned.original(path) for path in finding.about))
            if not any(pruned.spoils(path) for path in looked_at):
                found.append((place, finding.problem))
        return settings, found
    return None, found


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from check_upstreams(settings)
    yield from check_names(settings)
    yield from check_expressions(settings)
    yield from check_instants(settings)
    yield from check_subqueries(settings)
    yield from check_timing(settings)
    yield from check_calendar(settings)
    yield from check_bottleneck(settings)
    yield from check_anomaly(settings)
    yield from check_failure(settings)


def _problem(place: Place, problem: str, document: Document, substituted: Substituted) -> ConfigProblem:
    # What came from the environment may be secret: messages show the reference instead.
    for path, replacements in substituted.written.items():
        if place[: len(path)] == path or path[: len(place)] == place:
            for reference, value in replacements:
                # Short values are no secrets, and replacing them would garble the message.
                problem = problem.replace(value, reference) if len(value) > 3 else problem
    return ConfigProblem(show_path(place), problem, document.line_of(place))
