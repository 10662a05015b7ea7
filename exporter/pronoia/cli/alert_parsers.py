"""Flags of the commands on alerts: `rules render`, `alertmanager render`, `incident report` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - its only name


def add_alert_commands(commands: Commands, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add them; `command` makes one subcommand of a module's function."""
    rules = commands.add_parser("rules", help="Rules for Prometheus.", allow_abbrev=False)
    render = command(
        rules.add_subparsers(required=True, metavar="TASK"),
        "render",
        "Write alert rules for the conditions and thresholds of a configuration.",
        "pronoia.cli.alerts",
        "rules",
    )
    _add_files(render)
    alertmanager = commands.add_parser("alertmanager", help="Configuration of Alertmanager.", allow_abbrev=False)
    render = command(
        alertmanager.add_subparsers(required=True, metavar="TASK"),
        "render",
        "Write an Alertmanager configuration from the channels and rules of a configuration.",
        "pronoia.cli.alerts",
        "alertmanager",
    )
    _add_files(render)
    render.add_argument(
        "--secrets.dir",
        dest="secrets_dir",
        default="/etc/alertmanager/secrets",
        metavar="DIR",
        help="where Alertmanager finds secrets that are values here, a file each (default: /etc/alertmanager/secrets)",
    )
    render.add_argument(
        "--secrets.inline",
        dest="secrets_inline",
        action="store_true",
        help="write secrets into the configuration instead; keep it as safe as they are",
    )
    render.add_argument(
        "--alertmanager.version",
        dest="alertmanager_version",
        default="0.25",
        metavar="VERSION",
        help="the oldest Alertmanager that must read it (default: 0.25; Microsoft Teams needs 0.28)",
    )
    _add_incident(commands, command)


def _add_incident(commands: Commands, command: Callable[..., argparse.ArgumentParser]) -> None:
    incident = commands.add_parser("incident", help="What became of predicted alerts.", allow_abbrev=False)
    tasks = incident.add_subparsers(required=True, metavar="TASK")
    module = "pronoia.cli.incident"
    report = command(tasks, "report", "Print a Markdown report on one incident.", module, "report")
    report.add_argument("id", metavar="ID", help="as in /incidents")
    export = command(
        tasks, "export", "Print all judged incidents as JSON, one a line: labels for retraining.", module, "export"
    )
    for parser in (report, export):
        parser.add_argument(
            "--config.file", dest="config_file", type=Path, metavar="FILE", help="says where state is kept"
        )
        parser.add_argument(
            "--storage.path",
            dest="storage_path",
            type=Path,
            metavar="DIR",
            help="where state is kept, whatever the configuration says, as for `pronoia run`",
        )


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config.file", "--config", dest="config_file", type=Path, required=True, metavar="FILE", help="configuration"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where it goes (default: standard output)")
