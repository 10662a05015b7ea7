"""Make the recording that `pronoia demo` replays, from recordings that may be redistributed.

    scripts/make_demo_recording.py RECORDINGS exporter/pronoia/_data/demo.parquet

RECORDINGS is a folder that holds the recordings `clusters` and `crane`. Every series is averaged to five minutes, cut
to its last 14 whole days (UTC) and moved by whole days so that all end together: the time of day is kept, the date is
not. Sources and licences: exporter/pronoia/_data/README.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pronoia.series.labels import METRIC_NAME
from pronoia.storage.recording import Recording

if TYPE_CHECKING:
    from pronoia.series import LabelSet, SeriesFrame

STEP_MS = 300_000
DAY_MS = 86_400_000
N_DAYS = 14
#: Midnight (UTC) at which every series ends: 2021-11-01.
END_MS = 1_635_724_800_000
CLUSTER_METRICS = {
    ("google2019", "avg_cpu"): "cluster_cpu_utilization_ratio",
    ("google2019", "avg_mem"): "cluster_memory_utilization_ratio",
    ("google2019", "avg_assigned_mem"): "cluster_memory_assigned_ratio",
    ("azure2019", "cpu_usage"): "cluster_cpu_usage",
    ("azure2019", "assigned_mem"): "cluster_memory_assigned",
}
#: The workloads that are at least 14 days long, less some that are flat but for a few spikes.
WORKLOADS = [f"input{i}" for i in (1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15)]


def last_whole_days(frame: SeriesFrame) -> np.ndarray:
    """Five-minute means of one series over its last 14 whole days, float64 (4032,); NaN where it has no sample."""
    times, values = frame.timestamps_ms, frame.values
    end_ms = (times[-1] + STEP_MS) // DAY_MS * DAY_MS
    step = (times - (end_ms - N_DAYS * DAY_MS)) // STEP_MS
    n_steps = N_DAYS * DAY_MS // STEP_MS
    inside = (step >= 0) & (step < n_steps)
    counts = np.bincount(step[inside], minlength=n_steps)
    sums = np.bincount(step[inside], values[inside], minlength=n_steps)
    return np.divide(sums, counts, out=np.full(n_steps, np.nan), where=counts > 0)


def demo_series(recordings: Path) -> dict[LabelSet, np.ndarray]:
    """The series of the demo: label set -> values on the common grid."""
    clusters = Recording.load(recordings / "clusters").frame
    crane = Recording.load(recordings / "crane", only={"workload": WORKLOADS}).frame
    series: dict[LabelSet, np.ndarray] = {}
    for frame in (clusters, crane):
        for i, labels in enumerate(frame.labels):
            if "workload" in labels:
                name = "workload_usage"
            else:
                name = CLUSTER_METRICS.get((labels["cluster"], labels.name), "")
            if name:
                series[labels.updated(**{METRIC_NAME: name})] = last_whole_days(frame.take([i]))
    return dict(sorted(series.items()))


def to_table(series: dict[LabelSet, np.ndarray]) -> pa.Table:
    """One row per instant and label set, one column per metric; five significant digits."""
    n_steps = N_DAYS * DAY_MS // STEP_MS
    timestamps = END_MS - N_DAYS * DAY_MS + STEP_MS * np.arange(n_steps)
    metrics = sorted({labels.name for labels in series})
    owners = list(dict.fromkeys(labels.without(METRIC_NAME) for labels in series))
    columns: dict[str, pa.Array] = {"timestamp": pa.array(np.tile(timestamps, len(owners)))}
    for name in ("cluster", "workload"):
        columns[name] = pa.array([owner.get(name) for owner in owners for _ in range(n_steps)], pa.string())
    for metric in metrics:
        absent = np.full(n_steps, np.nan)
        stacked = np.concatenate([series.get(owner.updated(**{METRIC_NAME: metric}), absent) for owner in owners])
        rounded = np.array([float(f"{value:.5g}") for value in stacked])
        columns[metric] = pa.array(rounded, pa.float32(), mask=np.isnan(rounded))
    return pa.table(columns)


def main() -> None:
    """Read, cut, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    series = demo_series(arguments.recordings)
    pq.write_table(to_table(series), arguments.out, compression="zstd", compression_level=19)
    print(f"{arguments.out}: {len(series)} series, {N_DAYS} days, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
