"""A recording told as node_exporter tells of machines: counters and gauges, two weeks of them and on from now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from pronoia.pipeline.replay import DAY_MS, ReplaySource
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.series.labels import METRIC_NAME, escape
from pronoia.storage.recording import Recording
from support.troubles import APART_MINUTES, WILD_LEFT, leaked, wild_load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: The preset's rates look back five minutes, and need two samples there.
STEP_MS = 60_000
HISTORY_DAYS, AHEAD_DAYS = 14, 7
MEMORY_BYTES, DISK_BYTES, LINK_BYTES_PER_SECOND = 16e9, 200e9, 125e6
#: What a machine's loads are, in the order in which they are dealt to it.
LOADS = ("cpu", "memory", "disk", "network")
#: Loads are scaled so that this share of their samples is at or above the threshold of the preset's resources.
BUSY_SHARE, THRESHOLD = 0.02, 0.9
#: A file system fills from and to, in a week of the usual load; how far it is now, half a day before it reaches 0.9.
EMPTY, FULL, FILLED_NOW = 0.2, 0.97, 0.84
#: An alert of the machines' own, which fired whenever a processor was as busy as that.
BUSY_ALERT, BUSY_FROM = "MachineBusy", 0.9


class Machines:
    """Machines with one processor, one disk and one interface each, as busy as the series of a recording.

    Each machine is dealt four series; all are scaled to loads from 0 to 1, a fiftieth of them at 0.9 or above, so that
    there are overloads to foretell. The recording is re-timed to end now, and begins again after its end. Besides, a
    process runs wild on the first machine, and the others run out of memory, one after the other (`troubles.py`). What
    is told reaches `AHEAD_DAYS` beyond the start; from then on nothing moves any more.

    Args:
        recording: series to play; the bundled recording by default.
        n_machines: how many; fewer where the recording has not four lively series for each.
        clock: Unix seconds now.
        memory_minutes: until the second machine has no memory left.

    Raises:
        ValueError: if the recording has not four series that change and reach its end.
    """

    def __init__(
        self,
        recording: Recording | None = None,
        n_machines: int = 3,
        clock: Callable[[], float] = time.time,
        *,
        memory_minutes: float = 20.0,
    ) -> None:
        recording = recording or Recording.demo()
        self._clock = clock
        now = clock()
        at = iter([now, now + AHEAD_DAYS * DAY_MS / 1000])
        source = ReplaySource(recording.frame, clock=lambda: next(at))
        now_ms = int(now * 1000)
        self._times_ms = np.arange(now_ms - HISTORY_DAYS * DAY_MS, now_ms + AHEAD_DAYS * DAY_MS, STEP_MS)
        everything = source.select([], TimeRange(int(self._times_ms[0]), int(self._times_ms[-1])))
        loads = [self._load(times, values) for _, times, values in everything if _is_lively(times, values, now_ms)]
        n_machines = min(n_machines, len(loads) // len(LOADS))
        if not n_machines:
            raise ValueError(f"{recording.source} has {len(loads)} series that change up to its end; four are needed")
        self.names = tuple(f"machine{number}" for number in range(1, n_machines + 1))
        self._series: dict[LabelSet, Floats] = {}
        self._busy: dict[str, NDArray[np.bool_]] = {}
        for i, name in enumerate(self.names):
            dealt = dict(zip(LOADS, loads[i :: len(self.names)], strict=False))
            kills = np.zeros(len(self._times_ms))
            if i == 0:
                wild = wild_load(self._times_ms, now_ms)
                dealt |= {name: dealt[name] * np.where(wild > 0.0, WILD_LEFT, 1.0) for name in ("disk", "network")}
                dealt["cpu"] = np.maximum(dealt["cpu"], wild)
            else:
                full_ms = now_ms + (memory_minutes + (i - 1) * APART_MINUTES) * STEP_MS
                share, kills = leaked(self._times_ms, full_ms)
                dealt["memory"] = np.maximum(dealt["memory"], share)
            self._busy[name] = dealt["cpu"] >= BUSY_FROM
            for labels, values in [*self._machine(dealt, now_ms), (_named("node_vmstat_oom_kill"), kills)]:
                self._series[LabelSet({**labels, "instance": name, "job": "node"})] = values

    def history(self) -> SeriesFrame:
        """All of it up to now, a sample a minute."""
        n_past = int(np.searchsorted(self._times_ms, self._clock() * 1000, side="right"))
        past_ms = self._times_ms[:n_past]
        return SeriesFrame.from_series({labels: (past_ms, values[:n_past]) for labels, values in self._series.items()})

    def alerts(self) -> SeriesFrame:
        """What a Prometheus with a rule on busy processors has kept of its alerts."""
        until_ms, series = self._clock() * 1000, {}
        for name, busy in self._busy.items():
            times_ms = self._times_ms[busy & (self._times_ms <= until_ms)]
            told = {"alertname": BUSY_ALERT, "alertstate": "firing", "instance": name, "job": "node"}
            series[LabelSet({METRIC_NAME: "ALERTS", **told})] = (times_ms, np.ones(len(times_ms)))
        return SeriesFrame.from_series({labels: each for labels, each in series.items() if len(each[0])})

    def page(self) -> str:
        """The values as of now, in the text exposition format."""
        now_ms = self._clock() * 1000
        return "".join(
            f"{_exposed(labels)} {float(np.interp(now_ms, self._times_ms, values))!r}\n"
            for labels, values in self._series.items()
        )

    def _load(self, times_ms: NDArray[np.int64], values: Floats) -> Floats:
        values = values - min(float(values.min()), 0.0)
        scaled = values * (THRESHOLD / float(np.quantile(values, 1 - BUSY_SHARE)))
        return np.interp(self._times_ms, times_ms, np.clip(scaled, 0.0, 0.99))

    def _machine(self, loads: dict[str, Floats], now_ms: int) -> Iterator[tuple[dict[str, str], Floats]]:
        cpu, memory, disk, network = (loads[name] for name in LOADS)
        constant = np.ones_like(cpu)
        for mode, share in (("idle", 1 - cpu), ("user", cpu)):
            yield _named("node_cpu_seconds_total", cpu="0", mode=mode), _total(share)
        yield _named("node_load1"), cpu * 1.1
        yield _named("node_memory_MemTotal_bytes"), constant * MEMORY_BYTES
        yield _named("node_memory_MemAvailable_bytes"), (1 - memory) * MEMORY_BYTES
        yield _named("node_disk_io_time_seconds_total", device="sda"), _total(disk)
        yield _named("node_disk_read_bytes_total", device="sda"), _total(disk * 4e7)
        yield _named("node_disk_written_bytes_total", device="sda"), _total(disk * 8e7)
        yield _named("node_network_receive_bytes_total", device="eth0"), _total(network * LINK_BYTES_PER_SECOND)
        yield _named("node_network_transmit_bytes_total", device="eth0"), _total(network * LINK_BYTES_PER_SECOND / 3)
        yield _named("node_network_speed_bytes", device="eth0"), constant * LINK_BYTES_PER_SECOND
        root = {"device": "/dev/sda1", "fstype": "ext4", "mountpoint": "/"}
        yield _named("node_filesystem_size_bytes", **root), constant * DISK_BYTES
        yield _named("node_filesystem_avail_bytes", **root), (1 - self._filled(disk, now_ms)) * DISK_BYTES

    def _filled(self, load: Floats, now_ms: int) -> Floats:
        """Share of a file system that is used: it grows with what is written, and is cleaned when it is full."""
        weeks = _total(load) / (7 * DAY_MS / 1000 * float(load.mean()))
        filled = (weeks - np.interp(now_ms, self._times_ms, weeks) + FILLED_NOW) % 1.0
        return EMPTY + (FULL - EMPTY) * filled


def _is_lively(times_ms: NDArray[np.int64], values: Floats, now_ms: int) -> bool:
    reaches_now = int(times_ms[-1]) >= now_ms
    return reaches_now and float(np.ptp(values)) > 0 and float(np.quantile(values, 1 - BUSY_SHARE)) > 0


def _named(metric: str, **labels: str) -> dict[str, str]:
    return {METRIC_NAME: metric, **labels}


def _total(per_second: Floats) -> Floats:
    """A counter that grows by so much a second."""
    return np.cumsum(per_second) * (STEP_MS / 1000)


def _exposed(labels: LabelSet) -> str:
    inner = ",".join(f'{name}="{escape(value)}"' for name, value in labels.items() if name != METRIC_NAME)
    return f"{labels.name}{{{inner}}}"
