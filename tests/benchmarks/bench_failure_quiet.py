"""How often failures are foretold of machines that do not fail: by the trend, by the prior, and by what was learnt.

`--data` is a recording of machines with shares of memory, disks or processors in use; what is usual there is learnt
from its first half, as the exporter would, and warnings within 15 minutes (0.6 for a minute) are counted on the second.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console

from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.fitted import FailureModel, prior_alone, trend_alone
from pronoia.models.failure.headroom import HeadroomHistory, held
from pronoia.models.failure.learn import WatchedSignal, WatchedSystems, learn_failures
from pronoia.models.failure.learnt_rows import no_rows
from pronoia.models.failure.occurrences import spans_of
from pronoia.series import Grid, History, SeriesFrame, TimeRange, align, thin
from pronoia.storage.recording import Recording

CONSOLE = Console(width=180, highlight=False)
HORIZONS = (900, 3_600, 14_400, 86_400)
STEP_MS, KEPT_MS, SLOT_MS, WARNING = 60_000, 300_000, 15_000, 0.6
LOOKBACK_SLOTS = 240


def main() -> None:
    """One line a metric and model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--metric", action="append", required=True)
    arguments = parser.parse_args()
    frame = Recording.load(arguments.data).frame
    for metric in arguments.metric:
        series = np.array([row for row, labels in enumerate(frame.labels) if labels.name == metric], np.int64)
        count(metric, frame.take(series))


def count(metric: str, frame: SeriesFrame) -> None:
    """Learn from the first half, look at the second."""
    first_ms, last_ms = int(frame.timestamps_ms.min()), int(frame.timestamps_ms.max())
    half_ms = (first_ms + last_ms) // 2
    models = {"trend": trend_alone(), "prior": prior_alone(), "learnt": learnt(frame, first_ms, half_ms)}
    grid = Grid(half_ms, SLOT_MS, (last_ms - half_ms) // SLOT_MS)
    used = held(align(frame, grid, 5 * SLOT_MS).values)
    history = HeadroomHistory(used, np.full(used.shape, np.nan), np.zeros(used.shape, np.bool_))
    slots = np.arange(LOOKBACK_SLOTS, grid.n_steps, STEP_MS // SLOT_MS)
    for name, model in models.items():
        n_warnings = n_known = 0
        for row in range(len(used)):
            features = headroom_features(history, np.full(len(slots), row), slots)
            said = model.within(features, np.ones(1)).probability[:, 0]
            is_on = np.nan_to_num(said) >= WARNING
            at = np.flatnonzero(is_on[1:] & is_on[:-1])
            n_warnings += int((np.diff(at, prepend=-99) > 5).sum())
            n_known += int(np.isfinite(said).sum())
        days = n_known * STEP_MS / 86_400_000
        CONSOLE.print(
            f"{metric}, {name}: {n_warnings} warnings in {days:.1f} machine-days, {n_warnings / days:.2f} a day"
        )


def learnt(frame: SeriesFrame, first_ms: int, half_ms: int) -> FailureModel:
    """What the exporter would have learnt by then."""
    before = thin(frame.within(TimeRange(first_ms, half_ms)), KEPT_MS, half_ms - 3_600_000)
    systems = np.arange(before.n_series)
    watched = WatchedSystems(
        systems,
        (WatchedSignal(History.of(before), systems, 1.0, KEPT_MS // 1_000),),
        tuple(spans_of(times[values >= 1.0] / 1_000) for _, times, values in before),
        HORIZONS,
        first_ms / 1_000,
        half_ms / 1_000,
    )
    fit = learn_failures(watched, no_rows().to_arrays())
    return prior_alone() if fit.model is None else FailureModel.from_arrays(fit.model)


if __name__ == "__main__":
    main()
