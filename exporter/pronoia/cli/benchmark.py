"""`pronoia backtest forecast --protocol boom|wide`: the ensemble under the published protocol."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.benchmark.boom import YARDSTICK, boom_tasks, read_published
from pronoia.evaluation.benchmark.score import score_task
from pronoia.evaluation.benchmark.seasonal import seasonal_naive
from pronoia.evaluation.benchmark.table import as_scores, format_ranking, format_tasks
from pronoia.evaluation.benchmark.wide import SERIES_PER_SOURCE, wide_tasks
from pronoia.models.forecast.ensemble.ensemble import forecast_quantiles
from pronoia.models.forecast.ensemble.quantiles import at_shares
from pronoia.storage.recording import Recording

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.evaluation.benchmark.protocol import Task
    from pronoia.evaluation.benchmark.score import TaskScore


def benchmark(arguments: argparse.Namespace) -> int:
    """Score the ensemble and the seasonal naive forecast on all tasks, and print both beside what was published."""
    folder: Path = arguments.data[0]
    tasks = _boom(folder) if arguments.protocol == "boom" else _wide(folder)
    if arguments.history is not None and arguments.history < 1:
        raise ConfigError([ConfigProblem("--history", f"{arguments.history} steps; at least one is needed")])
    ensemble = partial(_ensemble, history=arguments.history)
    naive = [score_task(task, seasonal_naive) for task in tasks]
    progress = track(tasks, description="tasks", console=Console(stderr=True), transient=True)
    scores = [score_task(task, ensemble) for task in progress]
    if arguments.protocol == "boom":
        published = read_published(folder / "published.csv")
        sys.stdout.write(format_tasks(scores, published[YARDSTICK]) + "\n")
        ours = {"pronoia ensemble": as_scores(scores), "pronoia naive": as_scores(naive)}
        sys.stdout.write(format_ranking(published, ours))
    else:
        sys.stdout.write(format_tasks(scores, as_scores(naive)))
    if arguments.json:
        found = {"ensemble": scores, "seasonal-naive": naive}
        arguments.json.write_text(json.dumps(_figures(found), indent=1) + "\n", encoding="utf-8")
    return 0


def _ensemble(
    values: NDArray[np.float64],
    *,
    step_seconds: float,
    horizon: int,
    quantiles: Sequence[float],
    history: int | None = None,
) -> NDArray[np.float64]:
    """The ensemble's quantiles; errors are scaled by the whole context all the same."""
    newest = values if history is None else values[:, -history:]
    return at_shares(forecast_quantiles(newest, step_seconds=step_seconds, horizon=horizon), quantiles)


def _boom(folder: Path) -> list[Task]:
    files = sorted(folder.glob("ds-*.parquet"))
    if not files or not (folder / "published.csv").is_file():
        raise ConfigError([ConfigProblem("--data", f"{folder} needs ds-*.parquet and published.csv")])
    return [task for file in files for task in boom_tasks(file.stem, Recording.load(file).frame)]


def _wide(folder: Path) -> list[Task]:
    missing = [source for source in SERIES_PER_SOURCE if not (folder / source).is_dir()]
    if missing:
        raise ConfigError([ConfigProblem("--data", f"{folder} lacks {', '.join(missing)}")])
    return [task for source in SERIES_PER_SOURCE for task in wide_tasks(source, Recording.load(folder / source).frame)]


def _figures(found: dict[str, list[TaskScore]]) -> dict[str, list[dict[str, object]]]:
    return {model: [asdict(score) for score in scores] for model, scores in found.items()}
