"""`pronoia backtest`: how good predictions would have been on recordings."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from pronoia.cli.benchmark import benchmark
from pronoia.config.duration import parse_duration
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.plan import BacktestPlan
from pronoia.evaluation.report import format_table, to_json
from pronoia.evaluation.run_backtest import run_backtests
from pronoia.models.catalogue import check_model_name
from pronoia.storage.recording import Recording

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def forecast(arguments: argparse.Namespace) -> int:
    """Walk the recordings, print a table for each, and write all figures as JSON where asked."""
    if arguments.protocol != "walk":
        return benchmark(arguments)
    plan = _plan(arguments)
    recordings = {_name(path): Recording.load(path).frame for path in arguments.data}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("series", total=None)
        reports = run_backtests(
            recordings,
            plan,
            max_series=arguments.max_series,
            n_workers=arguments.workers,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    sys.stdout.write(format_table(reports))
    if arguments.json:
        arguments.json.write_text(json.dumps(to_json(reports), indent=1) + "\n", encoding="utf-8")
    return 0


def _plan(arguments: argparse.Namespace) -> BacktestPlan:
    problems: list[ConfigProblem] = []
    milliseconds = {}
    for flag in ("step", "horizon"):
        try:
            milliseconds[flag] = parse_duration(getattr(arguments, flag)).milliseconds
        except ValueError as error:
            problems.append(ConfigProblem(f"--{flag}", str(error)))
    try:
        check_model_name(arguments.model, "--model")
    except ConfigError as error:
        problems += error.problems
    if arguments.json and not os.access(arguments.json.parent, os.W_OK):
        problems.append(ConfigProblem("--json", f"{arguments.json.parent} is not a directory that can be written to"))
    if arguments.paths < 0:
        problems.append(ConfigProblem("--paths", f"{arguments.paths} is not a number of paths; 0 samples none"))
    if problems:
        raise ConfigError(problems)
    defaults = BacktestPlan()
    return BacktestPlan(
        step_ms=milliseconds["step"],
        horizon_ms=milliseconds["horizon"],
        horizons_ms=tuple(h for h in defaults.horizons_ms if milliseconds["step"] <= h <= milliseconds["horizon"]),
        model=arguments.model,
        n_paths=arguments.paths,
    )


def _name(path: Path) -> str:
    """What a recording is called in the tables: its folder, where the file's own name says nothing."""
    return path.parent.name if path.name == "recording.parquet" else path.stem
