"""`pronoia run`: the exporter on a Prometheus."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pronoia.cli.check import describe
from pronoia.cli.exporter import Exporter
from pronoia.cli.logs import configure
from pronoia.cli.parser import DEFAULT_LISTEN_ADDRESS
from pronoia.cli.signals import Signals
from pronoia.config.load import default_config, load
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.web.listen import ListenAddress
from pronoia.web.web_config import WebConfigFile

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pronoia.config.config import Config

DEFAULT_CONFIG_FILE = Path("pronoia.yml")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP reloads the configuration."""
    configure(arguments.log_level, arguments.log_format)
    load_config = _loader(arguments)
    if arguments.config_check:
        config = load_config()
        sys.stdout.write(f"{config.source} is valid\n{describe(config)}")
        return 0
    exporter = Exporter(
        load_config,
        listen_addresses(arguments.web_listen_address, DEFAULT_LISTEN_ADDRESS),
        web_config(arguments.web_config_file),
        arguments.storage_path,
    )
    with Signals() as signals, exporter:
        signals.wait(on_hangup=exporter.reload)
    return 0


def listen_addresses(given: list[str] | None, default: str) -> list[ListenAddress]:
    """The addresses of repeated `--web.listen-address` flags, or the default."""
    return [ListenAddress.parse(text) for text in given or [default]]


def web_config(path: Path | None) -> WebConfigFile | None:
    """The file of `--web.config.file`, checked, if one was given."""
    return WebConfigFile(path) if path else None


def _loader(arguments: argparse.Namespace) -> Callable[[], Config]:
    if arguments.prometheus_url:
        return lambda: default_config(arguments.prometheus_url)
    path: Path = arguments.config_file or DEFAULT_CONFIG_FILE
    if arguments.config_file is None and not path.exists():
        problem = f"--config.file or --prometheus.url is needed ({DEFAULT_CONFIG_FILE} does not exist here)"
        raise ConfigError([ConfigProblem("", problem)])
    return lambda: load(path)
