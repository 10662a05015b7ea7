"""What anomaly detectors cost: microseconds a metric and step, fitting and scoring, by CPU time; and false-alarm rates.

`--data` names labelled recordings with `is_test`: on each, the line is laid on the first 70 % of every system's history
and alarm episodes are counted on the other 30 %, which nothing was fitted to. Then short stretches of it are history,
and alarms are counted on the steps after each.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from pronoia.errors import ModelError
from pronoia.evaluation.anomaly.episodes import count_episodes
from pronoia.models.anomaly.calibration import gap_steps
from pronoia.models.anomaly.catalogue import detector_names, missing_extra
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies
from pronoia.storage.labelled import load_labelled

CONSOLE = Console(width=180, highlight=False)
N_TRAIN, N_TEST, N_METRICS = 10_000, 10_000, 20
N_ROUNDS, ROUND_STEPS = 200, 2
SLOW = {"autoencoder", "copod", "prophet"}
RATES = (0.1, 0.3, 1.0)
HISTORY_SHARE = 0.7
# Short histories: their lengths, the steps that follow each, from one's start to the next's, and the rate aimed at.
SHORT_STEPS, SHORT_TEST, SHORT_APART, SHORT_RATE = (100, 400, 1_600), 720, 2_400, 1.0


def main() -> None:
    """Print one line a detector, then one a recording and rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    if not arguments.data:
        costs()
    for path in arguments.data:
        rates(path)
        short_histories(path)


def costs() -> None:
    """Of each detector, the library imported and the loops compiled beforehand."""
    values = np.random.default_rng(0).normal(size=(N_TRAIN + N_TEST, N_METRICS)).cumsum(axis=0)
    cells = N_METRICS / 1e6
    CONSOLE.print(f"{'detector':20}{'fit':>10}{'score':>10}   microseconds a metric and step, {N_METRICS} metrics")
    for name in detector_names():
        if name in SLOW or missing_extra(name) is not None:
            continue
        settings = AnomalySettings(60.0, name)
        fit_anomalies(values[:200], settings).score(values[200:300])
        started = time.process_time()
        model = fit_anomalies(values[:N_TRAIN], settings)
        fitted = time.process_time()
        model.score(values[N_TRAIN:])
        scored = time.process_time()
        CONSOLE.print(
            f"{name:20}{(fitted - started) / N_TRAIN / cells:10.3f}{(scored - fitted) / N_TEST / cells:10.3f}"
        )
    for n_metrics in (1, N_METRICS):
        model, later = fit_anomalies(values[:N_TRAIN, :n_metrics], AnomalySettings(60.0)), values[N_TRAIN:, :n_metrics]
        model.advance(later[:ROUND_STEPS])
        started = time.process_time()
        for first in range(0, N_ROUNDS * ROUND_STEPS, ROUND_STEPS):
            model = model.advance(later[first : first + ROUND_STEPS])[1]
        spent = (time.process_time() - started) / N_ROUNDS
        CONSOLE.print(f"ensemble, {n_metrics} metrics, going on by {ROUND_STEPS} steps: {spent * 1e3:.3f} ms")


def rates(path: Path) -> None:
    """False alarms a day beside those aimed at."""
    systems = load_labelled(path, 0.5)
    for rate in RATES:
        n_alarms = days = 0.0
        for system in systems:
            split = int(HISTORY_SHARE * len(system.train))
            held = system.train[split:]
            model = fit_anomalies(system.train[:split], AnomalySettings(system.step_seconds, false_alarms_per_day=rate))
            score = np.nan_to_num(model.score(held).score)
            nothing = np.zeros(len(held), np.bool_)
            counts = count_episodes(nothing, score, gap_steps(system.step_seconds), system.step_seconds)
            n_alarms += counts.n_false
            days += counts.normal_days
        CONSOLE.print(
            f"{path}: aimed at {rate:g} a day, {n_alarms / days:.3f} seen ({n_alarms:.0f} in {days:.0f} system-days)"
        )


def short_histories(path: Path) -> None:
    """False alarms a day after hours of history."""
    systems = load_labelled(path, 0.5)
    for n_steps in SHORT_STEPS:
        n_alarms = days = 0.0
        for system in systems:
            settings = AnomalySettings(system.step_seconds, false_alarms_per_day=SHORT_RATE)
            for first in range(0, len(system.train) - n_steps - SHORT_TEST, SHORT_APART):
                train, held = np.split(system.train[first : first + n_steps + SHORT_TEST], [n_steps])
                try:
                    score = np.nan_to_num(fit_anomalies(train, settings).score(held).score)
                except ModelError:
                    continue
                nothing = np.zeros(len(held), np.bool_)
                counts = count_episodes(nothing, score, gap_steps(system.step_seconds), system.step_seconds)
                n_alarms += counts.n_false
                days += counts.normal_days
        CONSOLE.print(
            f"{path}: {n_steps} steps of history, aimed at {SHORT_RATE:g} a day, {n_alarms / days:.2f} seen "
            f"({n_alarms:.0f} in {days:.0f} system-days)"
        )


if __name__ == "__main__":
    main()
