"""Do injected CPU faults raise the right pod's score within three minutes, with the right metric named?

On the folder of a recording of pods (`--data`) with `events.parquet`. Two histories: the pod's own past, where it has
64 steps of it, and, since most faults come within hours of the start, what follows the recording's last fault. The ten
minutes before the fault tell whether the score was up anyway.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console

from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies

CONSOLE = Console(width=180, highlight=False)
STEP_MS = 60_000
WITHIN_MS = 180_000
BEFORE_STEPS = 10
MIN_HISTORY = 64
TOP = 3


def main() -> None:
    """Print one line a fault, then shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--false-alarms-per-day", type=float, default=1.0)
    arguments = parser.parse_args()
    settings = AnomalySettings(STEP_MS / 1_000, false_alarms_per_day=arguments.false_alarms_per_day)
    events = pq.read_table(arguments.data / "events.parquet").to_pylist()
    table = pq.read_table(arguments.data / "recording.parquet")
    metrics = [name for name in table.schema.names if name not in {"timestamp", "pod"}]
    pods, instants = np.array(table.column("pod").to_pylist()), table.column("timestamp").to_numpy()
    values = np.column_stack([table.column(name).to_numpy().astype(np.float64) for name in metrics])
    for history in ("past", "after"):
        rows = []
        for event in sorted(events, key=lambda each: each["timestamp"]):
            if not event["fault"].startswith("cpu"):
                continue
            at, own = event["timestamp"], pods == event["pod"]
            order = np.argsort(instants[own], kind="stable")
            when, what = instants[own][order], values[own][order]
            end = max(e["timestamp"] for e in events if when[0] <= e["timestamp"] <= when[-1]) + 10 * STEP_MS
            first = int(np.searchsorted(when, at))
            begin = max(first - 2 * BEFORE_STEPS, 0)
            train = what[:begin] if history == "past" else what[when > end]
            if len(train) < MIN_HISTORY:
                continue
            stop = int(np.searchsorted(when, at + WITHIN_MS, side="right"))
            result = fit_anomalies(train, settings).score(what[begin:stop])
            now = slice(first - begin, stop - begin)
            peak = now.start + int(np.nanargmax(result.score[now]))
            named = [metrics[i] for i in result.top(peak, TOP)]
            was_up = bool((result.score[max(now.start - BEFORE_STEPS, 0) : now.start] > 1.0).any())
            rows.append((result.score[peak] > 1.0, any(n.startswith("cpu_") for n in named), was_up))
            what_was_done = f"{event['pod'][:32]:34}{event['fault']:16}"
            CONSOLE.print(f"{what_was_done}{result.score[peak]:8.2f}  up before: {was_up}  {named}", markup=False)
        raised, named_right, up = np.array(rows).T
        CONSOLE.print(
            f"history {history}: {len(rows)} CPU faults, raised {raised.mean():.2f}, CPU among the top {TOP} "
            f"{named_right.mean():.2f}, both {(raised & named_right).mean():.2f}, up before {up.mean():.2f}"
        )


if __name__ == "__main__":
    main()
