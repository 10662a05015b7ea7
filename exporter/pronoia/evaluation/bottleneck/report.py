"""What a bottleneck backtest found, as tables to read and as figures for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.evaluation.bottleneck.plan import BottleneckPlan
    from pronoia.evaluation.bottleneck.run import TargetReport
    from pronoia.evaluation.bottleneck.score import RecipeScore
    from pronoia.evaluation.classification.scores import ReliabilityBin

_COLUMNS = (
    "recipe", "precision", "recall", "F1", "PR-AUC", "95 % over systems", "w/o top", "macro PR-AUC", "Brier skill",
    "ECE", "event recall", "macro recall", "episodes right", "false/day", "lead, slots",
)  # fmt: skip
_LEAD_QUANTILES = (0.1, 0.5, 0.9)


def bottleneck_tables(reports: Sequence[TargetReport]) -> list[Table]:
    """For each target, the recipes beside each other and the reliability of the model's probabilities."""
    tables = []
    for report in reports:
        rate = report.n_positives / report.n_rows if report.n_rows else math.nan
        current, model = report.below
        table = Table(
            title=f"{report.target}: {report.n_rows:,} rows, {report.n_positives:,} positive ({rate:.2%}); "
            f"on rows now below the threshold PR-AUC {model:.3f}, current value {current:.3f}; "
            + ", ".join(f"{name} x {weight:.2f}" for name, weight in report.members)
        )
        for column in _COLUMNS:
            table.add_column(column, justify="left" if column == "recipe" else "right", no_wrap=column == "recipe")
        for recipe in report.recipes:
            table.add_row(*_cells(recipe))
        tables += [table, _reliability_table(report.target, report.reliability)]
    return tables


def bottleneck_figures(reports: Sequence[TargetReport], plan: BottleneckPlan) -> dict[str, Any]:
    """All figures, ready for `json.dump`; what is not known is null."""
    return {
        "protocol": asdict(plan),
        "targets": {
            report.target: {
                "rows": report.n_rows,
                "positives": report.n_positives,
                "members": dict(report.members),
                "recipes": [_recipe_figures(recipe) for recipe in report.recipes],
                "reliability": [asdict(each) for each in report.reliability],
                "below": {"current_value": _plain(report.below[0]), "model": _plain(report.below[1])},
            }
            for report in reports
        },
    }


def _cells(recipe: RecipeScore) -> tuple[str, ...]:
    events = recipe.events
    leads = "-" if not len(events.leads) else "/".join(f"{q:.0f}" for q in np.quantile(events.leads, _LEAD_QUANTILES))
    low, high = recipe.interval
    return (
        recipe.name,
        *(_text(value) for value in (recipe.precision, recipe.recall, recipe.f1, recipe.average_precision)),
        f"{_text(low)}-{_text(high)}",
        *(_text(value) for value in (recipe.without_top, recipe.macro_average_precision, recipe.brier_skill)),
        "-" if math.isnan(recipe.calibration_error) else f"{recipe.calibration_error:.4f}",
        *(
            _text(value)
            for value in (events.recall, recipe.macro_recall, events.episode_precision, events.false_per_day)
        ),
        leads,
    )


def _reliability_table(target: str, bins: Sequence[ReliabilityBin]) -> Table:
    table = Table(title=f"{target}: said and happened")
    for column in ("rows", "said", "happened"):
        table.add_column(column, justify="right")
    for each in bins:
        table.add_row(f"{each.n_rows:,}", f"{each.said:.3f}", f"{each.happened:.3f}")
    return table


def _recipe_figures(recipe: RecipeScore) -> dict[str, Any]:
    figures = asdict(recipe)
    events = recipe.events
    figures["events"] = {
        "events": events.n_events,
        "announced": events.n_announced,
        "recall": _plain(events.recall),
        "episodes": events.n_episodes,
        "episode_precision": _plain(events.episode_precision),
        "false_per_day": _plain(events.false_per_day),
        "lead_slots": {str(q): _plain(v) for q, v in zip(_LEAD_QUANTILES, _quantiles(events.leads), strict=True)},
    }
    figures["interval"] = [_plain(bound) for bound in recipe.interval]
    return {name: _plain(value) if isinstance(value, float) else value for name, value in figures.items()}


def _quantiles(leads: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return np.quantile(leads, _LEAD_QUANTILES).tolist() if len(leads) else [math.nan] * len(_LEAD_QUANTILES)


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _text(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
