"""What a failure backtest found, as tables to read and as figures for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from pronoia.evaluation.classification import scores
from pronoia.evaluation.failure.speakers import known_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.classification.scores import ReliabilityBin
    from pronoia.evaluation.failure.episodes import EpisodeScore
    from pronoia.evaluation.failure.run import FailureReport, Recipe

_LEAD_QUANTILES = (0.1, 0.5, 0.9)
_DRAWS, _LEVEL = 1_000, 0.95
_COLUMNS = (
    "recipe", "event recall", "95 %", "episodes right", "95 %", "right by end", "episodes", "false/system-hour",
    "lead, min", "PR-AUC", "Brier", "Brier skill",
)  # fmt: skip


def failure_figures(report: FailureReport) -> dict[str, Any]:
    """All figures by group of failures (each, and all together where there are several), ready for `json.dump`."""
    kinds = tuple(dict.fromkeys(system.failure for system in report.systems))
    groups = {kind: (kind,) for kind in kinds} | ({" + ".join(kinds): kinds} if len(kinds) > 1 else {})
    return {name: _of_group(report, members) for name, members in groups.items()}


def failure_tables(figures: dict[str, Any]) -> list[Table]:
    """For each group, the recipes beside each other, and the reliability of the model's probabilities."""
    tables = []
    for name, group in figures.items():
        title = f"{name}: {group['systems']} systems, {group['events']} failures, {group['rows']} rows known"
        table = Table(title=title)
        for column in _COLUMNS:
            table.add_column(column, justify="left" if column == "recipe" else "right")
        for recipe in group["recipes"]:
            table.add_row(*_cells(recipe))
        tables.append(table)
        said = Table(title=f"{name}: said and happened")
        for column in ("rows", "said", "happened"):
            said.add_column(column, justify="right")
        for each in group["reliability"]:
            said.add_row(f"{each['n_rows']:,}", f"{each['said']:.3f}", f"{each['happened']:.3f}")
        tables.append(said)
    return tables


def _of_group(report: FailureReport, members: tuple[str, ...]) -> dict[str, Any]:
    numbers = [number for number, system in enumerate(report.systems) if system.failure in members]
    known = [known_rows(report.systems[number]) for number in numbers]
    happened = np.concatenate([truth[which] for which, truth in known])
    recipes: list[dict[str, Any]] = []
    reliability: tuple[ReliabilityBin, ...] = ()
    for recipe in report.recipes:
        said = np.concatenate([recipe.scores[n][which] for n, (which, _) in zip(numbers, known, strict=True)])
        recipes.append(_figures(recipe, [recipe.counts[n] for n in numbers], happened, said))
        if recipe.is_probability:
            reliability = scores.reliability(happened, said)
    return {
        "systems": len(numbers),
        "events": sum(len(report.systems[n].events_seconds) for n in numbers),
        "rows": len(happened),
        "recipes": recipes,
        "reliability": [asdict(each) for each in reliability],
    }


def _figures(
    recipe: Recipe, counts: Sequence[EpisodeScore], happened: NDArray[np.bool_], said: NDArray[np.float64]
) -> dict[str, Any]:
    names = ("n_announced", "n_events", "n_right", "n_episodes", "n_right_by_end", "hours")
    each = np.array([[getattr(count, name) for name in names] for count in counts], dtype=np.float64)
    total = each.sum(axis=0)
    rng = np.random.default_rng(0)
    drawn = each[rng.integers(0, len(each), (_DRAWS, len(each)))].sum(axis=1)
    leads = np.array([lead for count in counts for lead in count.leads_seconds]) / 60.0
    is_told = recipe.is_probability
    return {
        "name": recipe.name,
        "event_recall": _ratio(total[0], total[1]),
        "event_recall_interval": _interval(drawn[:, 0], drawn[:, 1]),
        "episode_precision": _ratio(total[2], total[3]),
        "episode_precision_interval": _interval(drawn[:, 2], drawn[:, 3]),
        "episode_precision_by_end": _ratio(total[4], total[3]),
        "episodes": int(total[3]),
        "false_episodes_per_system_hour": _ratio(total[3] - total[2], total[5]),
        "lead_minutes": dict(zip(_LEAD_QUANTILES, np.quantile(leads, _LEAD_QUANTILES).tolist(), strict=True))
        if len(leads)
        else {},
        "average_precision": _plain(scores.average_precision(happened, said)),
        "brier": _plain(scores.brier_score(happened, said)) if is_told else None,
        "brier_skill": _plain(scores.brier_skill(happened, said)) if is_told else None,
    }


def _interval(parts: NDArray[np.float64], wholes: NDArray[np.float64]) -> list[float | None]:
    kept = wholes > 0.0
    if not kept.any():
        return [None, None]
    tail = 50.0 * (1.0 - _LEVEL)
    return [float(bound) for bound in np.percentile(parts[kept] / wholes[kept], [tail, 100.0 - tail])]


def _cells(recipe: dict[str, Any]) -> tuple[str, ...]:
    intervals = (
        "-" if bounds[0] is None else f"{bounds[0]:.2f}-{bounds[1]:.2f}"
        for bounds in (recipe["event_recall_interval"], recipe["episode_precision_interval"])
    )
    recall, precision = intervals
    return (
        recipe["name"],
        _text(recipe["event_recall"]),
        recall,
        _text(recipe["episode_precision"]),
        precision,
        _text(recipe["episode_precision_by_end"]),
        str(recipe["episodes"]),
        _text(recipe["false_episodes_per_system_hour"]),
        "/".join(f"{lead:.1f}" for lead in recipe["lead_minutes"].values()) or "-",
        *(_text(recipe[name]) for name in ("average_precision", "brier", "brier_skill")),
    )


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
