"""`pronoia rules render` and `pronoia alertmanager render`: what the configuration says of alerts, for others."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from pronoia.alerting.receivers import SecretStyle, secret_files
from pronoia.alerting.render import render_alertmanager, render_rules
from pronoia.config.load import load
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.exposition.families import FAMILIES
from pronoia.pipeline.alert_plan import alert_plan

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pronoia.alerting.plan import AlertPlan

# Later keys, such as matchers and api_url_file, are used throughout.
_OLDEST_ALERTMANAGER = (0, 25)


def rules(arguments: argparse.Namespace) -> int:
    """Write the rules; tell of conditions on what this version does not answer."""
    plan = alert_plan(load(arguments.config_file))
    exposed = {family.name for family in FAMILIES}
    for rule in plan.rules:
        if rule.prediction.metric not in exposed:
            _tell(f"alerts.rules.{rule.name}: {rule.value} is not answered by this version; its alert never fires")
    if not (plan.rules or plan.thresholds):
        _tell("no rules come of it: alerts.rules is empty, and no query of the file has thresholds")
    _write(render_rules(plan), arguments.output)
    return 0


def alertmanager(arguments: argparse.Namespace) -> int:
    """Write the configuration; tell which files with secrets Alertmanager will look for."""
    plan = alert_plan(load(arguments.config_file))
    style = SecretStyle(arguments.secrets_dir.rstrip("/"), is_inline=arguments.secrets_inline)
    text = render_alertmanager(plan, style, version=_version(arguments.alertmanager_version))
    for file, what in _secrets(plan, style):
        _tell(f"{file} must hold {what}")
    _write(text, arguments.output, is_secret=style.is_inline)
    return 0


def _secrets(plan: AlertPlan, style: SecretStyle) -> list[tuple[str, str]]:
    files = [(file, secret.path) for file, secret in secret_files(plan.channels, style)]
    back = plan.back_secret
    if plan.back_url and back and not back.file and not style.is_inline:
        files.append((f"{style.directory}/{back.name}", back.path))
    return files


def _version(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"v?(\d+)\.(\d+)(\.\d+)?", text)
    if not found:
        problem = f"must be a version such as 0.28, got {text!r}"
        raise ConfigError([ConfigProblem("--alertmanager.version", problem)])
    version = int(found[1]), int(found[2])
    if version < _OLDEST_ALERTMANAGER:
        problem = f"what is rendered needs {'.'.join(map(str, _OLDEST_ALERTMANAGER))} or later, got {text!r}"
        raise ConfigError([ConfigProblem("--alertmanager.version", problem)])
    return version


def _write(text: str, output: Path | None, *, is_secret: bool = False) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        partial = output.with_name(f"{output.name}.partial")
        mode = 0o600 if is_secret else 0o644
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        partial.replace(output)
    except OSError as error:
        problem = f"{output} cannot be written: {error.strerror}"
        raise ConfigError([ConfigProblem("--output", problem)]) from error


def _tell(message: str) -> None:
    sys.stderr.write(f"pronoia: {message}\n")
