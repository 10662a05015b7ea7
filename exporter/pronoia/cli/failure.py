"""`pronoia backtest failure`: how well failures would have been foretold on a recording."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pronoia.config.duration import parse_duration
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.failure.recorded import recorded_systems
from pronoia.evaluation.failure.report import failure_figures, failure_tables
from pronoia.evaluation.failure.run import run_failure_backtest
from pronoia.evaluation.failure.split import run_time_split
from pronoia.storage.recorded_events import load_events
from pronoia.storage.recording import Recording

if TYPE_CHECKING:
    import argparse

# Failures with a limit that is used up are learnt together, others by themselves.
_TOGETHER = ("oom", "disk_full")


def backtest(arguments: argparse.Namespace) -> int:
    """Cross-validate over systems, or split by time; print the tables, write figures where asked."""
    horizon_seconds = _check(arguments)
    recording = Recording.load(arguments.data)
    has_events = arguments.data.is_dir() and (arguments.data / "events.parquet").exists()
    events = load_events(arguments.data) if has_events else None
    systems = recorded_systems(recording.frame, events, horizon_seconds, recording.step_ms)
    if not systems:
        raise ConfigError([ConfigProblem("--data", "no system has metrics that lead to a failure known here")])
    progress, console = Console(stderr=True), Console(width=200)
    kinds = dict.fromkeys(_TOGETHER if system.failure in _TOGETHER else (system.failure,) for system in systems)
    figures: dict[str, Any] = {}
    for group in kinds:
        chosen = [system for system in systems if system.failure in group]
        if arguments.train_share:
            report = run_time_split(chosen, arguments.train_share, seed=arguments.seed)
        else:
            report = run_failure_backtest(
                chosen, lambda what: progress.print(what, style="dim"), n_folds=arguments.folds, seed=arguments.seed
            )
        found = failure_figures(report)
        figures |= found
        for table in failure_tables(found):
            console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    problems = []
    horizon_seconds = 0
    try:
        horizon_seconds = parse_duration(arguments.horizon).milliseconds // 1_000
    except ValueError as error:
        problems.append(ConfigProblem("--horizon", str(error)))
    else:
        if horizon_seconds < 60:
            problems.append(ConfigProblem("--horizon", f"{arguments.horizon} is shorter than a minute"))
    if arguments.train_share is not None and not 0.0 < arguments.train_share < 1.0:
        problems.append(ConfigProblem("--train-share", f"{arguments.train_share} does not lie between 0 and 1"))
    if arguments.folds < 2:
        problems.append(ConfigProblem("--folds", f"{arguments.folds}; at least 2 are needed"))
    if arguments.json and not os.access(arguments.json.parent, os.W_OK):
        problems.append(ConfigProblem("--json", f"{arguments.json.parent} is not a directory that can be written to"))
    if problems:
        raise ConfigError(problems)
    return horizon_seconds
