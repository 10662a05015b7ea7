"""Servers as child processes on loopback: started, waited for, stopped; their logs kept."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = TypeVar("Seen")
_FIRST_PORT, _LAST_PORT = 15_000, 32_000
_drawn: set[int] = set()


class ServerMissing(Exception):
    """A server that is not installed, or does not come up."""


def find_binary(*names: str) -> str:
    """The first of these programs that is installed.

    Debian prefixes some servers' names, and keeps some where only root's PATH looks.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise ServerMissing(f"{' or '.join(names)} is not installed; `make servers` installs it on Debian and Ubuntu")


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now.

    It lies below the ports that Linux gives to outgoing connections (32768 and up by default), so that none of those
    takes it before the server does. Processes of one run of tests draw from ports of their own, none of them twice.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    n_ports = (_LAST_PORT - _FIRST_PORT) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    while True:
        port = _FIRST_PORT + worker * n_ports + random.randrange(n_ports)
        if port in _drawn:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _drawn.add(port)
        return port


def wait_for(
    see: Callable[[], Seen | None], what: str, timeout_seconds: float = 30.0, every_seconds: float = 0.1
) -> Seen:
    """Ask until the answer is something; `AssertionError` naming `what` when the time is over."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        seen = see()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_seconds:g} s still no {what}")
        time.sleep(every_seconds)


class Server:
    """One child process that serves HTTP on a port of its own; a context manager that stops it.

    Args:
        name: for messages, and of the log file.
        folder: where its log (and whatever it keeps) goes.
        port: where it will listen; a free one by default.
    """

    #: All that were started and not yet stopped, for showing their logs beside a failure.
    running: list[Server] = []  # noqa: RUF012 one list for all, on purpose
    ready_path = "/-/ready"
    ready_timeout_seconds = 60.0

    def __init__(self, name: str, folder: Path, port: int | None = None) -> None:
        self.name = name
        self.folder = folder
        self.port = port or free_port()
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def command(self) -> list[str]:
        """Program and arguments."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start it and wait until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        Server.running.append(self)
        try:
            wait_for(self.is_ready, f"readiness of {self.name}", self.ready_timeout_seconds)
        except BaseException as error:
            self.stop()
            raise ServerMissing(f"{self.name} did not come up: {error}\n{self.log_tail()}") from error
        return self

    def is_ready(self) -> bool:
        """Whether it answers its readiness path with 200.

        Raises:
            RuntimeError: if it has ended.
        """
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self._process.returncode}")
        try:
            return requests.get(self.url + self.ready_path, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, timeout_seconds: float = 20.0) -> int | None:
        """Ask it to end, then insist; its exit status."""
        if self._process is None:
            return None
        if self in Server.running:
            Server.running.remove(self)
        process, self._process = self._process, None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def log_tail(self, n_lines: int = 40) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-n_lines:])

    def cpu_seconds(self) -> float:
        """CPU time that it has used so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
