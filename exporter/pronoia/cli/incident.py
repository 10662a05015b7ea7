"""`pronoia incident report ID`, `pronoia incident export`: what became of predictions, from the state on disk."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from pronoia.alerting.described import described
from pronoia.alerting.report import report as render_report
from pronoia.config.load import load
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.pipeline.alert_bridge import INCIDENTS_FILE
from pronoia.storage.incident_store import SqliteIncidents

if TYPE_CHECKING:
    import argparse


def report(arguments: argparse.Namespace) -> int:
    """Print the Markdown report on an incident."""
    store = _store(arguments)
    incident = store.get(arguments.id)
    if incident is None:
        raise ConfigError([ConfigProblem("", f"there is no incident {arguments.id!r}")])
    sys.stdout.write(render_report(incident, store.judged()))
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Print all judged incidents, one JSON object a line: labels for recalibration and retraining."""
    for incident in _store(arguments).judged():
        sys.stdout.write(json.dumps(described(incident) | {"was_right": incident.was_right}) + "\n")
    return 0


def _store(arguments: argparse.Namespace) -> SqliteIncidents:
    directory, place, hint = arguments.storage_path, "--storage.path", ""
    if directory is None:
        if arguments.config_file is None:
            raise ConfigError([ConfigProblem("", "--config.file or --storage.path is needed: where is state kept?")])
        directory, place = load(arguments.config_file).storage_path, "storage.path"
        hint = "; where `pronoia run` has --storage.path, give that too"
    path = directory / INCIDENTS_FILE
    if not path.exists():
        raise ConfigError([ConfigProblem(place, f"{path} does not exist: nothing was kept there{hint}")])
    return SqliteIncidents(path)
