"""Are sampled futures right as wholes? The highest value and the mean of a horizon, and the time until a limit.

Per window of the open sets of a benchmark folder (`--data`): 200 futures by the dependence fitted to the series' own
backtest, by none (each instant on its own) and by full dependence (one score for all instants). The 80 % interval of
each summary should hold 80 % of what came; for the time until a limit (the 80 % quantile of the futures' maxima), the
Brier score of "reached by the end of the horizon" is beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.evaluation.benchmark.boom import boom_tasks
from pronoia.evaluation.path_scores import FIXED_DEPENDENCES
from pronoia.models.forecast.ensemble.ensemble import forecast_distribution
from pronoia.models.forecast.ensemble.paths import draw_paths
from pronoia.storage.recording import Recording

N_PATHS = 200
SUMMARIES = {"maximum": np.max, "minimum": np.min, "mean": np.mean}


def main() -> None:
    """Print coverage by way of drawing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with sets of BOOM")
    folder = parser.parse_args().data
    held: dict[str, dict[str, list[bool]]] = {}
    losses: dict[str, list[float]] = {}
    for file in sorted(folder.glob("*.parquet")):
        for task in boom_tasks(file.stem, Recording.load(file).frame):
            quantiles, fitted = forecast_distribution(
                task.contexts, step_seconds=task.step_seconds, horizon=task.horizon
            )
            none, full = (np.tile(fixed, (len(fitted), 1)) for fixed in FIXED_DEPENDENCES)
            known = np.isfinite(task.truths).all(axis=1) & (np.ptp(quantiles, axis=(1, 2)) > 0.0)
            limits = None
            for name, dependence in (("fitted", fitted), ("none", none), ("full", full)):
                paths = draw_paths(quantiles, dependence, N_PATHS, np.random.default_rng(0))
                for summary, function in SUMMARIES.items():
                    low, high = np.quantile(function(paths, axis=2), (0.1, 0.9), axis=1)
                    truth = function(task.truths, axis=1)
                    inside = (truth >= low) & (truth <= high)
                    held.setdefault(name, {}).setdefault(summary, []).extend(inside[known].tolist())
                tops = paths.max(axis=2)
                limits = np.quantile(tops, 0.8, axis=1) if limits is None else limits
                reached = task.truths.max(axis=1) >= limits
                losses.setdefault(name, []).extend((((tops >= limits[:, None]).mean(axis=1) - reached) ** 2)[known])
    table = Table(title=f"80 % intervals over {len(losses['fitted'])} windows, {N_PATHS} futures each")
    for heading in ("dependence", *SUMMARIES, "Brier of a limit reached"):
        table.add_column(heading, justify="left" if heading == "dependence" else "right")
    for name, by_summary in held.items():
        shares = (f"{np.mean(by_summary[summary]):.3f}" for summary in SUMMARIES)
        table.add_row(name, *shares, f"{np.mean(losses[name]):.3f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
