"""What the lines of `rules/anomaly.yaml` are worth: alerts a day, events told, and how soon, on labelled recordings.

`--data` names labelled recordings. Each system is learnt and scored as `pronoia backtest anomaly` does it; then an
alert fires where the score was beyond the line in so many of the last steps, and goes on for fifteen steps after
that. Alerts are counted on the labelled steps, and false ones again on the last 30 % of the history, where nothing is
labelled and the model has learnt from the first 70 % alone.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from pronoia.evaluation.anomaly.episodes import count_episodes
from pronoia.models.anomaly.calibration import gap_steps
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies
from pronoia.storage.labelled import load_labelled

CONSOLE = Console(width=180, highlight=False)
HISTORY_SHARE = 0.7
KEEP_FIRING_STEPS = 15
#: How often beyond which line, of how many steps; the first is the score's own line.
RULES = ((1.0, 1, 1), (1.0, 3, 10), (1.0, 5, 10), (1.0, 8, 10), (1.0, 15, 30), (1.0, 25, 30), (5.0, 25, 30))


@dataclass
class Totals:
    """Sums over systems."""

    n_events: int = 0
    n_told: int = 0
    n_alerts: int = 0
    n_right: int = 0
    days: float = 0.0
    n_quiet_alerts: int = 0
    quiet_days: float = 0.0
    n_steps_until: int = 0


def main() -> None:
    """Print a line for each recording and rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--false-alarms-per-day", type=float, default=0.1)
    arguments = parser.parse_args()
    for path in arguments.data:
        CONSOLE.print(f"{path}: aimed at {arguments.false_alarms_per_day:g} false alarms a day, of the score alone")
        print_rules(path, arguments.false_alarms_per_day)


def print_rules(path: Path, rate: float) -> None:
    """Every rule on one recording."""
    totals = {rule: Totals() for rule in RULES}
    for system in load_labelled(path, 0.5):
        settings = AnomalySettings(system.step_seconds, false_alarms_per_day=rate)
        score = np.nan_to_num(fit_anomalies(system.train, settings).score(system.test).score)
        split = int(HISTORY_SHARE * len(system.train))
        quiet = np.nan_to_num(fit_anomalies(system.train[:split], settings).score(system.train[split:]).score)
        for rule, total in totals.items():
            add(total, firing(score, *rule), firing(quiet, *rule), system.label, system.step_seconds)
    for (line, n_beyond, n_steps), total in totals.items():
        until = total.n_steps_until / total.n_told if total.n_told else np.nan
        CONSOLE.print(
            f"  {n_beyond:2} of {n_steps:2} beyond {line:g}: {total.n_told:4} of {total.n_events} events told "
            f"({total.n_told / total.n_events:.2f}), {until:5.1f} steps after they begin; {total.n_right} of "
            f"{total.n_alerts} alerts right ({total.n_right / max(total.n_alerts, 1):.2f}), "
            f"{(total.n_alerts - total.n_right) / total.days:.3f} false ones a day; where nothing is labelled "
            f"{total.n_quiet_alerts / total.quiet_days:.3f}"
        )


def firing(score: np.ndarray, line: float, n_beyond: int, n_steps: int) -> np.ndarray:
    """Where an alert is on, bool (n_steps,)."""
    beyond = np.cumsum(np.concatenate((np.zeros(n_steps), score > line)))
    on = beyond[n_steps:] - beyond[:-n_steps] >= n_beyond
    kept = np.cumsum(np.concatenate((np.zeros(KEEP_FIRING_STEPS), on)))
    result: np.ndarray = kept[KEEP_FIRING_STEPS:] - kept[:-KEEP_FIRING_STEPS] > 0
    return result


def add(total: Totals, on: np.ndarray, quiet: np.ndarray, label: np.ndarray, step_seconds: float) -> None:
    """Count one system."""
    gap = gap_steps(step_seconds)
    counts = count_episodes(label, 2.0 * on, gap, step_seconds)
    total.n_events += counts.n_events
    total.n_told += counts.n_found
    total.n_alerts += counts.n_episodes
    total.n_right += counts.n_right
    total.days += counts.normal_days
    nothing = count_episodes(np.zeros(len(quiet), np.bool_), 2.0 * quiet, gap, step_seconds)
    total.n_quiet_alerts += nothing.n_false
    total.quiet_days += nothing.normal_days
    begins = np.flatnonzero(np.diff(np.concatenate(([0], label.astype(np.int8)))) == 1)
    ends = np.flatnonzero(np.diff(np.concatenate((label.astype(np.int8), [0]))) == -1) + 1
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if on[begin:end].any():
            total.n_steps_until += int(on[begin:end].argmax())


if __name__ == "__main__":
    main()
