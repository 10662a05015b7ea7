"""Real CPU load in a control group of its own, and an exporter of what the group used, as cAdvisor names it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from support.exporters import PageExporter

if TYPE_CHECKING:
    from collections.abc import Sequence

_CGROUP = Path("/sys/fs/cgroup")
_PROGRAM = Path(__file__).with_name("burn_cpu.py")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a schedule: the load goes evenly from one share of the limit to another."""

    seconds: float
    begin: float
    end: float


class LoadGroup:
    """A process that burns CPU by a schedule, over and over; a context manager.

    Args:
        name: value of the `container` label.
        schedule: what it does, again and again.
        limit_cores: what a share of 1 comes to.
    """

    def __init__(self, name: str, schedule: Sequence[Stretch], limit_cores: float = 0.3) -> None:
        self.name, self.limit_cores = name, limit_cores
        self._schedule = [[each.seconds, each.begin, each.end] for each in schedule]
        self.exporter = PageExporter(self._page)
        self.started_at_seconds = 0.0

    @property
    def utilisation(self) -> str:
        """PromQL of the share of the limit that is in use."""
        return f'rate(container_cpu_usage_seconds_total{{container="{self.name}"}}[4s]) / {self.limit_cores}'

    def used_seconds(self) -> float:
        """CPU time that the group has used."""
        if self._accounting is not None:
            text = self._accounting.read_text()
            if self._accounting.name == "cpu.stat":
                return int(text.split("usage_usec", 1)[1].split(maxsplit=1)[0]) / 1e6
            return int(text) / 1e9
        # Without the right to make a group: the process itself, which is all that would be in it.
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9

    def _page(self) -> str:
        return (
            "# TYPE container_cpu_usage_seconds_total counter\n"
            f'container_cpu_usage_seconds_total{{container="{self.name}"}} {self.used_seconds()!r}\n'
        )

    def __enter__(self) -> Self:
        command = [sys.executable, str(_PROGRAM), json.dumps(self._schedule), str(self.limit_cores)]
        self._process = subprocess.Popen(command)
        self.started_at_seconds = time.time()
        self._group, self._accounting = _make_group(f"pronoia-test-{self._process.pid}", self._process.pid)
        self.exporter.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.exporter.__exit__()
        self._process.kill()
        self._process.wait()
        if self._group is not None:
            self._group.rmdir()


def _make_group(name: str, pid: int) -> tuple[Path | None, Path | None]:
    """The group with this process in it and the file of its CPU time; nothing where that is not allowed."""
    for root, accounting in ((_CGROUP / "cpuacct", "cpuacct.usage"), (_CGROUP, "cpu.stat")):
        group = root / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / "cgroup.procs").write_text(str(pid))
            (group / accounting).read_text()
        except OSError:
            group.rmdir()
            continue
        return group, group / accounting
    return None, None
