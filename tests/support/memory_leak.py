"""A process that leaks in a memory control group of its own (v1), and an exporter of it, as cAdvisor names things."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Self

from support.exporters import PageExporter

_MEMORY = Path("/sys/fs/cgroup/memory")
_PROGRAM = Path(__file__).with_name("leak_memory.py")
_MIB = 2**20


class CgroupMissing(RuntimeError):
    """No memory group of version 1 can be made here."""


class LeakingProcess:
    """Holds so much memory until `begin`, then more and more until the kernel kills it; a context manager.

    Args:
        name: value of the `container` label.
        start_mib: what it holds before.
        mib_per_second: how fast it grows.
        limit_mib: at which the kernel kills it.

    Raises:
        CgroupMissing: on entering, if no group can be made.
    """

    def __init__(self, name: str, start_mib: float, mib_per_second: float, limit_mib: int) -> None:
        self.name = name
        self._arguments = [str(start_mib), str(mib_per_second)]
        self._limit_bytes = limit_mib * _MIB
        self.exporter = PageExporter(self._page)

    def begin(self) -> None:
        """From now on it leaks."""
        assert self._process.stdin is not None
        self._process.stdin.write("begin\n")
        self._process.stdin.flush()

    def is_alive(self) -> bool:
        """Whether the kernel has left it alone."""
        return self._process.poll() is None

    def n_kills(self) -> int:
        """How often the kernel killed in this group."""
        text = (self._group / "memory.oom_control").read_text()
        return int(text.split("oom_kill ", 1)[1].split()[0])

    def _page(self) -> str:
        used = int((self._group / "memory.usage_in_bytes").read_text())
        inactive = int((self._group / "memory.stat").read_text().split("total_inactive_file ", 1)[1].split()[0])
        container = f'{{container="{self.name}"}}'
        return (
            "# TYPE container_memory_working_set_bytes gauge\n"
            f"container_memory_working_set_bytes{container} {max(used - inactive, 0)}\n"
            "# TYPE container_spec_memory_limit_bytes gauge\n"
            f"container_spec_memory_limit_bytes{container} {self._limit_bytes}\n"
        )

    def __enter__(self) -> Self:
        command = [sys.executable, str(_PROGRAM), *self._arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        self._group = _MEMORY / f"pronoia-test-{self._process.pid}"
        try:
            self._group.mkdir()
            (self._group / "cgroup.procs").write_text(str(self._process.pid))
            (self._group / "memory.limit_in_bytes").write_text(str(self._limit_bytes))
        except OSError as error:
            self._process.kill()
            self._process.wait()
            if self._group.is_dir():
                self._group.rmdir()
            raise CgroupMissing(f"{self._group}: {error}") from error
        self.exporter.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.exporter.__exit__()
        self._process.kill()
        self._process.wait()
        self._group.rmdir()
