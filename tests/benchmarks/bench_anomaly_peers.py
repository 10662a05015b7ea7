"""Is one sibling that shifts told from all that shift together?

`--data` names a recording, `--label` the label that tells siblings apart, `--metric` one metric, and `--where
METRIC=VALUE` picks siblings. Steps of five minutes; the first half is history. On the other half, alarms are counted as
it is, and then at instants drawn at random where nothing is on, from which one sibling's values, or all, are
multiplied: how often an alarm comes within 30 steps. "Nothing" says how often one comes anyway.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console

from pronoia.evaluation.anomaly.episodes import count_episodes
from pronoia.models.anomaly.calibration import gap_steps
from pronoia.models.anomaly.peers import PeerModel, fit_peers

CONSOLE = Console(width=180, highlight=False)
STEP_SECONDS = 300
RATES = (0.1, 1.0)
FACTORS = (0.5, 1.5, 2.0)
N_DRAWS, WITHIN, BEFORE, LEAD = 60, 30, 10, 60
# Siblings with fewer samples than this share are left out.
KNOWN_SHARE = 0.5


def main() -> None:
    """Print one line a rate, then one a factor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--label", default="instance")
    parser.add_argument("--metric", required=True)
    parser.add_argument("--where", action="append", default=[])
    arguments = parser.parse_args()
    wanted = [tuple(each.split("=", 1)) for each in arguments.where]
    values = siblings(arguments.data, arguments.label, arguments.metric, wanted)
    train, test = np.split(values, [len(values) // 2])
    CONSOLE.print(f"{arguments.data} {arguments.metric}: {values.shape[1]} siblings, {len(values)} steps")
    for rate in RATES:
        started = time.process_time()
        model = fit_peers(train, STEP_SECONDS, rate)
        fitted = time.process_time()
        score = np.nan_to_num(model.score(test).score)
        spent = time.process_time() - fitted
        nothing = np.zeros(len(test), np.bool_)
        counts = count_episodes(nothing, score.max(axis=1), gap_steps(STEP_SECONDS), STEP_SECONDS)
        CONSOLE.print(
            f"aimed at {rate:g} a day, {counts.n_false / counts.normal_days:.2f} seen ({counts.n_false} in "
            f"{counts.normal_days:.0f} days); {1e6 * (fitted - started) / train.size:.1f} microseconds a value to fit, "
            f"{1e6 * spent / test.size:.1f} to score"
        )
        shifts(model, test, score)


def shifts(model: PeerModel, test: np.ndarray, score: np.ndarray) -> None:
    """Print what one shifting sibling, all shifting together, and nothing do."""
    rng = np.random.default_rng(0)
    at = rng.integers(LEAD, len(test) - WITHIN, N_DRAWS)
    at = at[[not (score[t - BEFORE : t] > 1.0).any() for t in at]]
    one = rng.integers(0, test.shape[1], len(at))
    anyway = np.mean([(score[t : t + WITHIN] > 1.0).any() for t in at])
    CONSOLE.print(f"  nothing: an alarm in {anyway:.2f} of {len(at)}")
    for factor in FACTORS:
        alone = [highest(model, test, t, [i], factor) for t, i in zip(at, one, strict=True)]
        found = np.mean([top.max() > 1.0 and top.argmax() == i for top, i in zip(alone, one, strict=True)])
        together = np.mean([highest(model, test, t, range(test.shape[1]), factor).max() > 1.0 for t in at])
        CONSOLE.print(f"  times {factor:g}: one found and highest {found:.2f}, all together alarm {together:.2f}")


def highest(model: PeerModel, test: np.ndarray, at: int, who: list[int] | range, factor: float) -> np.ndarray:
    """The highest score of each sibling within the steps after the shift."""
    shifted = test[: at + WITHIN].copy()
    shifted[at:, who] *= factor
    return np.nan_to_num(model.score(shifted).score)[at:].max(axis=0)


def siblings(path: Path, label: str, metric: str, wanted: list[tuple[str, ...]]) -> np.ndarray:
    """Means over steps, float64 (n_steps, n_siblings)."""
    table = pq.read_table(path, columns=sorted({"timestamp", label, metric, *(name for name, _ in wanted)}))
    kept = np.ones(len(table), np.bool_)
    for name, value in wanted:
        kept &= np.isclose(table.column(name).to_numpy(), float(value), rtol=1e-3)
    names, member = np.unique(np.array(table.column(label).to_pylist())[kept], return_inverse=True)
    step = table.column("timestamp").to_numpy()[kept] // (STEP_SECONDS * 1_000)
    step -= step.min()
    samples = table.column(metric).to_numpy()[kept].astype(np.float64)
    known = np.isfinite(samples)
    total, count = (np.zeros((step.max() + 1, len(names))) for _ in range(2))
    np.add.at(total, (step[known], member[known]), samples[known])
    np.add.at(count, (step[known], member[known]), 1.0)
    values = np.where(count > 0.0, total / np.maximum(count, 1.0), np.nan)
    return values[:, np.isfinite(values).mean(axis=0) > KNOWN_SHARE]


if __name__ == "__main__":
    main()
