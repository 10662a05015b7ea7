"""`pronoia replay`: a recording, served as a Prometheus would serve it."""

from __future__ import annotations

import sys
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from pronoia.cli.logs import configure
from pronoia.cli.parser import DEFAULT_REPLAY_ADDRESS
from pronoia.cli.run import listen_addresses, wait_for_stop, web_config
from pronoia.pipeline.replay import ReplaySource
from pronoia.storage.recording import Recording
from pronoia.web.replay_api import create_replay_app
from pronoia.web.server import WebServer

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    configure(arguments.log_level, arguments.log_format)
    source = ReplaySource(load_recording(arguments.data).frame)
    addresses = listen_addresses(arguments.web_listen_address, DEFAULT_REPLAY_ADDRESS)
    with WebServer(create_replay_app(source.select), addresses, web_config(arguments.web_config_file)) as server:
        names = sorted({labels.name for labels in source.labels})
        sys.stdout.write(
            f"replaying {len(source.labels)} series of {len(names)} metrics ({', '.join(names)})\n"
            f"on {', '.join(server.urls)}; try: pronoia run --config.file with this address as the upstream\n"
        )
        sys.stdout.flush()
        wait_for_stop(on_hangup=lambda: None)
    return 0


def load_recording(path: Path | None) -> Recording:
    """A recording from a file, or the bundled one."""
    if path is not None:
        return Recording.load(path)
    with as_file(files("pronoia") / "_data" / "demo.parquet") as bundled:
        return Recording.load(bundled)
