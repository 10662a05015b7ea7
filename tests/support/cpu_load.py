"""Real CPU load in a control group of its own, and an exporter of what the group used, as cAdvisor names it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from pronoia.series import LabelSet
from support.exporters import PageExporter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CGROUP = Path("/sys/fs/cgroup")
_PROGRAM = Path(__file__).with_name("burn_cpu.py")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a schedule: the load goes evenly from one share of the limit to another."""

    seconds: float
    begin: float
    end: float


class LoadGroup:
    """A process that burns CPU by a schedule, over and over, once it is told to `begin`; a context manager.

    Args:
        name: value of the `container` label.
        schedule: what it does, again and again.
        limit_cores: what a share of 1 comes to.
        past_rounds: how many rounds of the schedule `history` tells of, as if they had been.
    """

    def __init__(self, name: str, schedule: Sequence[Stretch], limit_cores: float = 0.2, past_rounds: int = 0) -> None:
        self.name, self.limit_cores = name, limit_cores
        self._schedule = [[each.seconds, each.begin, each.end] for each in schedule]
        self._past_seconds = past_rounds * sum(each.seconds for each in schedule)
        self._past_used_seconds = (
            past_rounds * limit_cores * sum(each.seconds * (each.begin + each.end) / 2.0 for each in schedule)
        )
        self.exporter = PageExporter(self._page)
        self.began_at_seconds = float("nan")

    def begin(self) -> None:
        """Leave the schedule's first value, and go through it."""
        assert self._process.stdin is not None
        self._process.stdin.write("begin\n")
        self._process.stdin.flush()
        self.began_at_seconds = time.time()

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
            f'container_cpu_usage_seconds_total{{container="{self.name}"}} '
            f"{self._past_used_seconds + self.used_seconds()!r}\n"
        )

    def history(
        self, now_seconds: float, **labels: str
    ) -> dict[LabelSet, tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """The counter of the past rounds, which end now, at every second."""
        seconds = np.arange(self._past_seconds)
        share = np.zeros(len(seconds))
        whole, at = sum(each[0] for each in self._schedule), 0.0
        for length, begin, end in self._schedule:
            inside = (seconds % whole) - at
            here = (inside >= 0.0) & (inside < length)
            share[here] = begin + (end - begin) * inside[here] / length
            at += length
        used = np.cumsum(share) * self.limit_cores
        times = np.round(1000.0 * (now_seconds - self._past_seconds + seconds)).astype(np.int64)
        name = LabelSet({"__name__": "container_cpu_usage_seconds_total", "container": self.name, **labels})
        return {name: (times, used)}

    def __enter__(self) -> Self:
        command = [sys.executable, str(_PROGRAM), json.dumps(self._schedule), str(self.limit_cores)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
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
