"""Tables of a benchmark run: each task, and ours among the published models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.benchmark.boom import YARDSTICK, mean_ratios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pronoia.evaluation.benchmark.boom import Scores
    from pronoia.evaluation.benchmark.score import TaskScore


def as_scores(scores: Sequence[TaskScore]) -> Scores:
    """MASE and CRPS by (set, term), as published ones are kept."""
    return {(score.source, score.term): (score.mase, score.crps) for score in scores}


def format_tasks(scores: Sequence[TaskScore], yardstick: Scores) -> str:
    """One line per task, ratios to the yardstick, and their geometric mean.

    Args:
        scores: what was measured.
        yardstick: scores of the seasonal naive forecast on the same tasks, or more.
    """
    lines = [f"{'set':16}{'term':8}{'MASE':>8}{'CRPS':>8}{'in 80 %':>9}{'in 95 %':>9}{'windows':>9}{'seconds':>9}"]
    for score in scores:
        mase, crps = mean_ratios(as_scores([score]), yardstick, [(score.source, score.term)])
        lines.append(
            f"{score.source:16}{score.term:8}{mase:8.3f}{crps:8.3f}{score.coverage_80:9.3f}{score.coverage_95:9.3f}"
            f"{score.n_windows:9d}{score.seconds:9.3f}"
        )
    mase, crps = mean_ratios(as_scores(scores), yardstick, as_scores(scores))
    counted = [score for score in scores if min(yardstick[score.source, score.term]) > 0.0]
    windows = np.array([score.n_windows for score in counted])
    coverages = [float(np.mean([getattr(score, name) for score in counted])) for name in ("coverage_80", "coverage_95")]
    seconds = float(np.average([score.seconds for score in counted], weights=windows))
    lines.append(
        f"{'geometric mean':24}{mase:8.3f}{crps:8.3f}{coverages[0]:9.3f}{coverages[1]:9.3f}"
        f"{windows.sum():9d}{seconds:9.3f}"
    )
    return "\n".join(lines) + "\n"


def format_ranking(models: Mapping[str, Scores], ours: Mapping[str, Scores]) -> str:
    """All models by their mean MASE ratio, ours marked.

    Args:
        models: published scores by model; they must have the yardstick.
        ours: what was measured here, by name.
    """
    pairs = sorted(set.intersection(*(set(scores) for scores in ours.values())))
    rows = [(*mean_ratios(scores, models[YARDSTICK], pairs), name, "") for name, scores in models.items()]
    rows += [(*mean_ratios(scores, models[YARDSTICK], pairs), name, " <- measured") for name, scores in ours.items()]
    lines = [f"{'model':22}{'MASE':>8}{'CRPS':>8}"]
    lines += [f"{name:22}{mase:8.3f}{crps:8.3f}{mark}" for mase, crps, name, mark in sorted(rows)]
    return "\n".join(lines) + "\n"
