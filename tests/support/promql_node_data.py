"""What the node-exporter preset asks for, of two machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from support.promql_samples import SCRAPES_MS

if TYPE_CHECKING:
    from support.promql_samples import Samples

_GAUGES = {
    "memory_MemTotal_bytes": 2.0**34,
    "memory_MemAvailable_bytes": 2.0**32,
    "memory_SwapFree_bytes": 2.0**29,
    "load1": 1.0,
    "filefd_allocated": 1000.0,
    "filefd_maximum": 65536.0,
    "nf_conntrack_entries": 300.0,
    "nf_conntrack_entries_limit": 4096.0,
}
_COUNTERS = {
    "netstat_Tcp_OutSegs": 900.0,
    "netstat_Tcp_RetransSegs": 2.0,
    "pressure_cpu_waiting_seconds_total": 20.0,
    "pressure_memory_stalled_seconds_total": 9.0,
    "pressure_io_stalled_seconds_total": 30.0,
}
_DISK_COUNTERS = (
    "io_time_seconds",
    "io_time_weighted_seconds",
    "read_bytes",
    "written_bytes",
    "reads_completed",
    "writes_completed",
    "read_time_seconds",
    "write_time_seconds",
)


def add_node(samples: Samples) -> None:
    """Add the series of both machines."""
    for instance in ("n1:9100", "n2:9100"):
        node = {"job": "node", "instance": instance}
        for cpu in "01":
            for mode, mean in (("idle", 900.0), ("iowait", 30.0), ("steal", 1.0), ("system", 100.0), ("user", 700.0)):
                values = samples.count(mean, {377: 0.0} if instance < "n2" else {}, grain=1 / 128)
                samples.add("node_cpu_seconds_total", SCRAPES_MS, values, cpu=cpu, mode=mode, **node)
        for name, around in _GAUGES.items():
            samples.add(f"node_{name}", SCRAPES_MS, np.abs(samples.walk(around, around / 1e4)), **node)
        # No swap on the other machine: nothing is divided by zero there.
        samples.add("node_memory_SwapTotal_bytes", SCRAPES_MS, 2.0**30 if instance < "n2" else 0.0, **node)
        for name, mean in _COUNTERS.items():
            samples.add(f"node_{name}", SCRAPES_MS, samples.count(mean, grain=1 / 128), **node)
        _add_devices(samples, node)


def _add_devices(samples: Samples, node: dict[str, str]) -> None:
    for device in ("sda", "dm-0"):
        for name in _DISK_COUNTERS:
            values = samples.count(500.0, grain=1 / 128)
            samples.add(f"node_disk_{name}_total", SCRAPES_MS, values, device=device, **node)
    for mountpoint, fstype, size in (("/", "ext4", 2.0**36), ("/run", "tmpfs", 2.0**30), ("/cdrom", "udf", 0.0)):
        labels = {"device": "/dev/sda", "mountpoint": mountpoint, "fstype": fstype, **node}
        samples.add("node_filesystem_size_bytes", SCRAPES_MS, size, **labels)
        samples.add("node_filesystem_avail_bytes", SCRAPES_MS, samples.walk(size / 2, size / 1e4), **labels)
        samples.add("node_filesystem_files", SCRAPES_MS, size / 2**14, **labels)
        samples.add("node_filesystem_files_free", SCRAPES_MS, samples.walk(size / 2**15, size / 1e9), **labels)
    for device in ("eth0", "lo", "veth1"):
        for way in ("receive", "transmit"):
            for unit, mean in (("bytes", 1e5), ("errs", 0.1), ("drop", 0.3)):
                name = f"node_network_{way}_{unit}_total"
                samples.add(name, SCRAPES_MS, samples.count(mean), device=device, **node)
