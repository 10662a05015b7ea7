"""`pronoia replay`: a recording, served as a Prometheus would serve it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from pronoia.cli.logs import configure
from pronoia.cli.parser import DEFAULT_REPLAY_ADDRESS
from pronoia.cli.run import listen_addresses, web_config
from pronoia.cli.signals import Signals
from pronoia.pipeline.replay import ReplaySource
from pronoia.series import TimeRange
from pronoia.storage.recording import Recording
from pronoia.web.replay_api import create_replay_app
from pronoia.web.server import WebServer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

_LIVE_MS = 3_600_000


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    configure(arguments.log_level, arguments.log_format)
    source = ReplaySource(load_recording(arguments.data).frame)
    addresses = listen_addresses(arguments.web_listen_address, DEFAULT_REPLAY_ADDRESS)
    now = int(time.time() * 1000)
    n_live = source.select([], TimeRange(now - _LIVE_MS, now)).n_series
    server = WebServer(create_replay_app(source.select), addresses, web_config(arguments.web_config_file))
    with Signals() as signals, server:
        names = sorted({labels.name for labels in source.labels})
        sys.stdout.write(
            f"replaying {len(source.labels)} series of {len(names)} metrics ({', '.join(names)}) on "
            f"{', '.join(server.urls)}\n{n_live} of them reach up to now; the others ended earlier in the recording\n"
            f"a configuration for it:\n{_config(server.urls[0], names)}"
        )
        sys.stdout.flush()
        signals.wait(on_hangup=lambda: None)
    return 0


def _config(url: str, names: list[str]) -> str:
    return f"upstreams: [{{name: replay, url: '{url}'}}]\n{queries_of(names)}"


def queries_of(metrics: Iterable[str]) -> str:
    """The `queries` section with each metric; names of queries hold no colon, those of recording rules do.

    >>> print(queries_of(["instance:node_cpu:rate5m"]), end="")
    queries:
      - {name: instance.node_cpu.rate5m, expr: instance:node_cpu:rate5m}
    """
    queries = "".join(f"  - {{name: {metric.replace(':', '.')}, expr: {metric}}}\n" for metric in metrics)
    return f"queries:\n{queries}"


def load_recording(path: Path | None) -> Recording:
    """A recording from a file, or the bundled one."""
    return Recording.demo() if path is None else Recording.load(path)
