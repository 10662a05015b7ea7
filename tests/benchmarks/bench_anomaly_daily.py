"""How often the exporter would raise a false alarm: learning anew each day from the week before, scoring the day after.

`--data` names labelled recordings with `is_test`; the first half of each system, which holds no anomalies that are
labelled, is walked through day by day as the exporter does it: the newest hour is scored and not learnt from.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from pronoia.evaluation.anomaly.episodes import count_episodes
from pronoia.models.anomaly.calibration import DAY_SECONDS, gap_steps
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies
from pronoia.storage.labelled import load_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.evaluation.anomaly.recorded import LabelledSystem

CONSOLE = Console(width=180, highlight=False)
RATES = (0.1, 1.0)
HISTORY_DAYS, SCORED_SECONDS = 7, 3_600.0
#: Days of history, by which the figures are told.
SPANS = ((1, 2), (3, 6), (7, 7))


def main() -> None:
    """One line a recording and rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True)
    for path in parser.parse_args().data:
        systems = load_labelled(path, 0.5)
        for rate in RATES:
            seen: dict[int, list[int]] = defaultdict(list)
            for system in systems:
                for days, n_alarms in walked(system, rate):
                    seen[days].append(n_alarms)
            told = [
                f"{first}-{last} days: {np.mean(found):.3f} of {len(found)}"
                for first, last in SPANS
                if (found := [n for days, each in seen.items() if first <= days <= last for n in each])
            ]
            CONSOLE.print(f"{path}: aimed at {rate:g} a day, seen by days of history {', '.join(told)}")


def walked(system: LabelledSystem, rate: float) -> Iterator[tuple[int, int]]:
    """Days learnt from, at most a week, and episodes of the day after."""
    step = system.step_seconds
    day, hour = round(DAY_SECONDS / step), round(SCORED_SECONDS / step)
    settings = AnomalySettings(step, false_alarms_per_day=rate)
    for end in range(day, len(system.train) - day + 1, day):
        learnt = system.train[max(0, end - HISTORY_DAYS * day) : end - hour]
        scores = np.nan_to_num(fit_anomalies(learnt, settings).score(system.train[end - hour : end + day]).score)
        scores = scores[hour:]
        nothing = np.zeros(len(scores), np.bool_)
        yield min(end // day, HISTORY_DAYS), count_episodes(nothing, scores, gap_steps(step), step).n_false


if __name__ == "__main__":
    main()
