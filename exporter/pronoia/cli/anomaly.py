"""`pronoia backtest anomaly`: how well labelled anomalies of a recording would have been told."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from rich.console import Console

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.anomaly.report import anomaly_figures, anomaly_table
from pronoia.evaluation.anomaly.run import run_anomaly_backtest
from pronoia.models.anomaly.catalogue import detector_names, make_detector, missing_extra
from pronoia.storage.labelled import load_labelled

if TYPE_CHECKING:
    import argparse

# Copied or fitted anew for each step or metric: hours on a machine's month.
_SLOW = {"autoencoder", "copod", "prophet"}


def backtest(arguments: argparse.Namespace) -> int:
    """Fit, score, print the table, and write all figures where asked."""
    detectors = _checked(arguments)
    wanted = None if arguments.systems is None else frozenset(arguments.systems.split(","))
    systems = load_labelled(arguments.data, arguments.train_share, wanted)
    progress = Console(stderr=True)
    reports = run_anomaly_backtest(
        systems, detectors, arguments.false_alarms_per_day, lambda what: progress.print(what, style="dim")
    )
    Console(width=140).print(anomaly_table(reports, arguments.false_alarms_per_day))
    if arguments.json:
        arguments.json.write_text(json.dumps(anomaly_figures(reports), indent=1) + "\n", encoding="utf-8")
    return 0


def _checked(arguments: argparse.Namespace) -> tuple[str, ...]:
    problems = []
    if not arguments.false_alarms_per_day > 0.0:
        problems.append(ConfigProblem("--false-alarms-per-day", f"{arguments.false_alarms_per_day} is not positive"))
    if not 0.0 < arguments.train_share < 1.0:
        problems.append(ConfigProblem("--train-share", f"{arguments.train_share} does not lie between 0 and 1"))
    if arguments.json and not os.access(arguments.json.parent, os.W_OK):
        problems.append(ConfigProblem("--json", f"{arguments.json.parent} is not a directory that can be written to"))
    if arguments.detectors is None:
        detectors = tuple(n for n in detector_names() if n not in _SLOW and missing_extra(n) is None)
    else:
        detectors = tuple(arguments.detectors.split(","))
        for name in detectors:
            try:
                make_detector(name, "--detectors")
            except ConfigError as error:
                problems += error.problems
    if problems:
        raise ConfigError(problems)
    return detectors
