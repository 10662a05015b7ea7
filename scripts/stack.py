"""Prometheus with two weeks of history, Alertmanager, node_exporter and Pronoia on loopback, until Ctrl-C.

    make stack FLAGS='--machines 5 --data recording.parquet'

The servers are those on PATH, which `make stack` installs from Debian's packages where they are missing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from pronoia.errors import PronoiaError
from pronoia.storage.recording import Recording
from support.processes import ServerMissing
from support.stack import Ports, Stack

_FOLDER = Path(__file__).parents[1] / ".cache" / "stack"


def main() -> int:
    """Start all, and wait for the end."""
    arguments = _parser().parse_args()
    ports = Ports(
        prometheus=arguments.prometheus_port,
        alertmanager=arguments.alertmanager_port,
        node_exporter=arguments.node_exporter_port,
        pronoia=arguments.pronoia_port,
    )
    # Of SIGINT as well: a shell without job control has what it puts into the background ignore it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _as_interrupt)
    try:
        recording = Recording.load(arguments.data) if arguments.data else None
        print("filling Prometheus with two weeks of history", flush=True)
        with Stack(arguments.folder, ports, recording=recording, n_machines=arguments.machines) as stack:
            _announce(stack)
            return _watch(stack)
    except (ServerMissing, PronoiaError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 0


def _announce(stack: Stack) -> None:
    for name, url in (
        ("Pronoia", stack.exporter.url + "/"),
        ("predictions", stack.exporter.url + "/predictions"),
        ("incidents", stack.exporter.url + "/incidents"),
        ("Prometheus", stack.prometheus.url + "/"),
        ("rules", stack.prometheus.url + "/rules"),
        ("Alertmanager", stack.alertmanager.url + "/"),
        ("node_exporter", stack.node_exporter.url + "/metrics"),
    ):
        print(f"  {name:14} {url}")
    print(f"configurations, data and logs are in {stack.folder}; Ctrl-C stops all", flush=True)


def _watch(stack: Stack) -> int:
    began, is_told = time.monotonic(), False
    while True:
        time.sleep(1.0)
        ended = [server for server in stack.servers if not server.is_alive]
        if ended:
            print(f"{ended[0].name} has ended\n{ended[0].log_tail()}", file=sys.stderr)
            return 1
        if not is_told and stack.has_forecasts():
            is_told = True
            print(f"first forecasts after {time.monotonic() - began:.0f} s", flush=True)


def _as_interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make stack", description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--data", type=Path, metavar="FILE", help="recording to play (default: the bundled one)")
    parser.add_argument("--machines", type=int, default=3, metavar="N", help="machines that play it (default: 3)")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="for all that is written (default: .cache/stack)")
    for name, port in (("prometheus", 19090), ("alertmanager", 19093), ("node-exporter", 19100), ("pronoia", 10190)):
        parser.add_argument(f"--{name}-port", type=int, default=port, metavar="PORT", help=f"(default: {port})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
