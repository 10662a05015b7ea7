"""What it costs to tell the risk of 1,000 systems' four resources, stage by stage, from slots to probabilities.

Made-up loads of a month at five minutes: days and nights, jobs at fixed hours (a sixth), bursts (a sixth), machines
that are off (a twentieth). The shipped classifiers speak. Live state is put one slot after the other; beside it stand
the same rows made from the whole history, and what a row costs where rows of a subject follow each other. Processor
seconds are of all threads, so that what else runs on the machine hardly matters; wall seconds show what several threads
are worth.

    python tests/benchmarks/bench_bottleneck.py [SUBJECTS] [DAYS]
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.features.live import LiveLoad
from pronoia.features.load import OTHERS, LoadHistory
from pronoia.features.matrix import _GROUPS, FEATURES, features_at
from pronoia.features.slots import DAY, WINDOWS
from pronoia.models.bottleneck.horizons import window_features
from pronoia.models.bottleneck.shipped import shipped_risks
from pronoia.series import Grid, LabelSet

if TYPE_CHECKING:
    from collections.abc import Callable

SLOT_MS = 300_000
START_MS = 1_795_305_600_000
WINDOW = WINDOWS[1]
N_ROUNDS = 13
BATCH_SUBJECTS, BATCH_DAYS = 400, 2


def main(n_subjects: int, n_days: int) -> None:
    """Measure and print."""
    console = Console(width=110)
    # The last slots end a day, which is when periods are looked for.
    history = made_up(n_subjects, n_days * DAY)
    start = history.grid.n_steps - N_ROUNDS
    console.print(live(history, start))
    console.print(from_scratch(history))
    console.print(in_bulk(history))


def live(history: LoadHistory, start: int) -> Table:
    """One slot after the other."""
    risk = shipped_risks().risks["state"][1]
    warm_up(history)
    state, seconds = timed(lambda: LiveLoad.of(until(history, start)))
    table = Table(title=f"{history.n_subjects:,} subjects, one slot: median of {N_ROUNDS - 2}, seconds")
    for column in ("stage", "processor", "wall", "once a day, processor", "wall"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    rounds: list[dict[str, tuple[float, float]]] = []
    rows = np.arange(history.n_subjects)
    for slot in range(start, history.grid.n_steps):
        spent: dict[str, tuple[float, float]] = {}
        load, others = history.load[:, slot].copy(), history.others[:, :, slot].copy()
        _, spent["put the slot"] = timed(lambda s=slot, u=load, o=others: state.put(s, u, o))
        slots = np.full(len(rows), slot)
        matrix, spent["features"] = timed(lambda n=slots: features_at(state, rows, n, WINDOW))
        said, spent["trees"] = timed(lambda m=matrix: risk.log_odds(m))
        _, spent["calibration"] = timed(lambda s=said: risk.probability_of(s))
        spent["one model, all of it"] = total(spent)
        all_features, four = timed(lambda n=slots: window_features(state, rows, n))
        _, hazards = timed(lambda f=all_features: shipped_risks().hazards(f))
        spent["four windows: features"], spent["eight models, with bounds"] = four, hazards
        rounds.append(spent)
    # A day's end is told of while its last slot may still change.
    usual, last = rounds[1:-1], rounds[-1]
    for stage in rounds[0]:
        medians = [statistics.median(each[stage][clock] for each in usual) for clock in (0, 1)]
        table.add_row(stage, *(f"{value:.3f}" for value in (*medians, *last[stage])))
        if stage in {"calibration", "one model, all of it"}:
            table.add_section()
    made = f"made from a history of {start / DAY:.0f} days in {seconds[0]:.1f} s"
    table.caption = f"{state.bytes_per_subject:,} bytes a subject; {made}"
    return table


def from_scratch(history: LoadHistory) -> Table:
    """The newest slot's rows, made from the whole history by the code that makes rows to train on."""
    table = Table(title="the same rows from the whole history, seconds")
    for column in ("stage", "processor", "wall"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    fresh = until(history, history.grid.n_steps)
    rows, slots = np.arange(history.n_subjects), np.full(history.n_subjects, history.grid.n_steps - 1)
    _, found = timed(lambda: fresh.past)
    matrix, made = timed(lambda: features_at(fresh, rows, slots, WINDOW))
    risk = shipped_risks().risks["state"][1]
    _, spoken = timed(lambda: risk.probability(matrix))
    spent = {"flags, events and jumps": found, "features": made, "trees and calibration": spoken}
    for stage, seconds in (spent | {"all of it": total(spent)}).items():
        table.add_row(stage, *(f"{each:.3f}" for each in seconds))
    return table


def in_bulk(history: LoadHistory) -> Table:
    """Rows of consecutive slots, each group of features by itself, on one core."""
    few = LoadHistory(
        history.labels[:BATCH_SUBJECTS], history.grid, history.load[:BATCH_SUBJECTS],
        history.others[:, :BATCH_SUBJECTS].copy(), history.static[:BATCH_SUBJECTS], history.systems[:BATCH_SUBJECTS],
    )  # fmt: skip
    rows, slots = np.nonzero(np.ones((few.n_subjects, BATCH_DAYS * DAY), np.bool_))
    slots += few.grid.n_steps - BATCH_DAYS * DAY
    table = Table(title=f"{len(rows):,} rows of consecutive slots, microseconds of one core")
    for column in ("group", "columns", "a row"):
        table.add_column(column, justify="left" if column == "group" else "right")
    _, found = timed(lambda: few.past)
    table.add_row("flags, events and jumps, a slot", "", f"{found[0] / few.load.size * 1e6:.2f}")
    for names, compute in _GROUPS:
        _, seconds = timed(lambda c=compute: c(few, rows, slots, WINDOW))
        table.add_row(compute.__name__, str(len(names)), f"{seconds[0] / len(rows) * 1e6:.2f}")
    few.__dict__.pop("_found_lags")
    matrix, seconds = timed(lambda: features_at(few, rows, slots, WINDOW))
    table.add_section()
    table.add_row("features", str(len(FEATURES)), f"{seconds[0] / len(rows) * 1e6:.2f}")
    risk = shipped_risks().risks["state"][1]
    _, spoken = timed(lambda: risk.trees.log_odds(matrix.of(risk.trees.features)))
    table.add_row(f"trees ({risk.trees.n_used})", "", f"{spoken[0] / len(rows) * 1e6:.2f}")
    return table


def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """What it gave, and its processor and wall seconds."""
    processor, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, (time.process_time() - processor, time.perf_counter() - wall)


def total(spent: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Of all stages."""
    return sum(each[0] for each in spent.values()), sum(each[1] for each in spent.values())


def until(history: LoadHistory, n_slots: int) -> LoadHistory:
    """The history as it was known after so many slots."""
    return LoadHistory(
        history.labels, Grid(history.grid.start_ms, history.grid.step_ms, n_slots), history.load[:, :n_slots],
        history.others[:, :, :n_slots], history.static, history.systems,
    )  # fmt: skip


def warm_up(history: LoadHistory) -> None:
    """Compile, or read what was compiled before."""
    few = LoadHistory(
        history.labels[:50], history.grid, history.load[:50], history.others[:, :50], history.static[:50],
        history.systems[:50],
    )  # fmt: skip
    state = LiveLoad.of(until(few, few.grid.n_steps - 2))
    for slot in range(few.grid.n_steps - 2, few.grid.n_steps):
        state.put(slot, few.load[:, slot].copy(), few.others[:, :, slot].copy())
        features = window_features(state, np.arange(50), np.full(50, slot))
        shipped_risks().hazards(features)
        window_features(until(few, slot + 1), np.arange(50), np.full(50, slot))


def made_up(n_subjects: int, n_slots: int) -> LoadHistory:
    """Four resources of each system: a sixth runs jobs at fixed hours, a sixth has bursts, some are off at times."""
    rng = np.random.default_rng(0)
    slots = np.arange(n_slots)
    day = np.sin(2 * np.pi * slots / DAY).astype(np.float32)
    load = np.empty((n_subjects, n_slots), np.float32)
    others = np.empty((len(OTHERS), n_subjects, n_slots), np.float32)
    for row in range(n_subjects):
        level, swing = rng.uniform(0.05, 0.6), rng.uniform(0.0, 0.15)
        load[row] = level + swing * day + 0.03 * persistent(rng, n_slots)
        if row % 6 == 0:
            first, period = rng.integers(0, DAY), rng.choice([12, 72, DAY])
            load[row, (slots - first) % period < rng.integers(2, 9)] = rng.uniform(0.91, 1.0)
        elif row % 6 == 1:
            for begin in rng.integers(0, n_slots, n_slots // 200).tolist():
                load[row, begin : begin + int(rng.integers(1, 30))] = rng.uniform(0.7, 1.0)
        if row % 20 == 2:
            load[row, rng.integers(0, n_slots) :][: 3 * DAY] = np.nan
        load[row, rng.random(n_slots) < 0.001] = np.nan
        others[0, row] = np.clip(0.4 + 0.05 * persistent(rng, n_slots), 0.0, 1.0)
        for other in range(1, len(OTHERS)):
            others[other, row] = rng.uniform(1.0, 8.0) + 0.5 * day + 0.4 * persistent(rng, n_slots)
    return LoadHistory(
        labels=tuple(LabelSet({"system": f"s{row // 4}", "resource": str(row % 4)}) for row in range(n_subjects)),
        grid=Grid(START_MS, SLOT_MS, n_slots),
        load=np.clip(load, 0.0, 1.0),
        others=others,
        static=np.tile(np.array([8.0, 9.7], np.float32), (n_subjects, 1)),
        systems=np.arange(n_subjects) % 4,
    )


def persistent(rng: np.random.Generator, n_slots: int) -> np.ndarray:
    """Noise that remembers the last hour, with a variance of one."""
    noise = np.cumsum(rng.standard_normal(n_slots + 12, np.float32))
    return (noise[12:] - noise[:-12]) / np.sqrt(12.0)


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]]
    main(*sizes, *(4_000, 30)[len(sizes) :])
