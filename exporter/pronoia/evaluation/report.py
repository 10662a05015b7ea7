"""What a forecast backtest found, as figures for JSON and as a table to read."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.evaluation.path_scores import DEPENDENCES, READINGS
from pronoia.evaluation.sample import system_of
from pronoia.evaluation.scores import geometric_mean
from pronoia.models.forecast.levels import STANDARD_LEVELS, known_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pronoia.evaluation.backtest_forecast import BacktestReport
    from pronoia.evaluation.plan import BacktestPlan
    from pronoia.evaluation.series_score import SeriesScore

_RESAMPLES = 1000
_HEADER = (
    "metric", "series", "MASE/seasonal", "MASE/persist.", "WQL", "coverage", "series 5-95 %", "at 50/80/95 %", "width",
    "models",
)  # fmt: skip


def to_json(reports: Mapping[str, BacktestReport]) -> dict[str, Any]:
    """All figures of one or more recordings, ready for `json.dump`."""
    return {name: report_figures(report) for name, report in reports.items()}


def report_figures(report: BacktestReport) -> dict[str, Any]:
    """One recording: protocol, overall, per metric and per series."""
    by_metric: dict[str, list[SeriesScore]] = {}
    for score in report.scores:
        by_metric.setdefault(score.labels.name, []).append(score)
    return {
        "protocol": asdict(report.plan),
        "overall": summary(report.scores, report.plan),
        "metrics": {name: summary(scores, report.plan) for name, scores in sorted(by_metric.items())},
        "series": [_series_figures(score, report.plan) for score in report.scores],
        "fits": report.n_fits,
        "guarded_ratio": _plain(report.guarded / report.n_fits if report.n_fits else np.nan),
        "seconds_per_series": _plain(report.seconds_per_series),
        "skipped": dict(report.skipped),
    }


def summary(scores: Sequence[SeriesScore], plan: BacktestPlan) -> dict[str, Any]:
    """Figures over several series; those that never change are counted and otherwise left out.

    Ratios are geometric means over series of the ratio of mean absolute errors. Their intervals (95 %) come from a
    bootstrap that draws whole systems, as the metrics of one system are not independent. `coverage` counts every truth
    alike, `coverage_series_*` every series alike, `coverage_by_level` is of the standard levels too; the weighted
    quantile loss is over both bounds and the point.
    """
    moving = [score for score in scores if not score.is_constant]
    names = [f"{horizon_ms // 60_000}m" for horizon_ms in plan.horizons_ms]
    per_series = np.array([score.coverage for score in moving])
    size = sum(score.absolute_truth for score in moving)
    loss = sum(score.quantile_loss for score in moving)
    models: Counter[str] = Counter()
    for score in scores:
        models.update(score.models)
    return {
        "n_series": len(moving),
        "n_constant": len(scores) - len(moving),
        "n_systems": len({system_of(score.labels) for score in moving}),
        "mase_to_seasonal_naive": _with_interval(moving, _mean_to_seasonal, plan.seed),
        "mase_to_persistence": _with_interval(moving, _mean_to_persistence, plan.seed),
        "weighted_quantile_loss": _plain(loss / size if size > 0.0 else np.nan),
        "coverage": _with_interval(moving, micro_coverage, plan.seed),
        "coverage_by_level": _coverage_by_level(moving, plan),
        "coverage_with_constant": _plain(micro_coverage(scores)),
        "paths_coverage": paths_coverage(moving),
        "coverage_at": {name: _plain(coverage_at(moving, i)) for i, name in enumerate(names)},
        "coverage_series_mean": _plain(per_series.mean() if len(per_series) else np.nan),
        "coverage_series_quantiles": {
            f"{share:g}": _plain(np.quantile(per_series, share) if len(per_series) else np.nan)
            for share in (0.05, 0.25, 0.5, 0.75, 0.95)
        },
        "width_to_seasonal_naive_error": _plain(geometric_mean(np.array([score.relative_width for score in moving]))),
        "models": dict(models.most_common()),
    }


def micro_coverage(scores: Sequence[SeriesScore]) -> float:
    """Coverage over all truths of all series."""
    known = sum(score.n_known for score in scores)
    return sum(score.n_inside for score in scores) / known if known else float("nan")


def coverage_at(scores: Sequence[SeriesScore], horizon: int) -> float:
    """Coverage at one of the plan's horizons over all series together."""
    known = sum(score.known_at[horizon] for score in scores)
    return sum(score.inside_at[horizon] for score in scores) / known if known else float("nan")


def paths_coverage(scores: Sequence[SeriesScore]) -> dict[str, dict[str, float | None]]:
    """How often the 80 % interval of what is read off sampled paths held, by dependence; empty without paths."""
    ranked = sum(score.n_ranked for score in scores)
    if not ranked:
        return {}
    held = np.sum([score.paths_hold for score in scores], axis=0) / ranked
    return {
        dependence: {reading: _plain(share) for reading, share in zip(READINGS, shares, strict=True)}
        for dependence, shares in zip(DEPENDENCES, held, strict=True)
    }


def coverage_of(scores: Sequence[SeriesScore], level: float) -> float:
    """Coverage of another standard level's interval over all truths of all series."""
    known = sum(score.n_known for score in scores)
    return sum(score.n_inside_further[level] for score in scores) / known if known else float("nan")


def format_table(reports: Mapping[str, BacktestReport]) -> str:
    """A table per recording in plain text: one line per metric and one over all."""
    parts = []
    for name, report in reports.items():
        figures = report_figures(report)
        lines = [_line(metric, entry) for metric, entry in figures["metrics"].items()]
        lines.append(_line("all", figures["overall"]))
        at = ", ".join(f"{horizon} {_show(share)}" for horizon, share in figures["overall"]["coverage_at"].items())
        notes = (
            f"{figures['fits']} fits, {_show(figures['seconds_per_series'])} s each, "
            f"guard used in {_show(figures['guarded_ratio'])} of them; coverage at {at}; "
            f"skipped: {', '.join(f'{reason} {count}' for reason, count in figures['skipped'].items()) or 'none'}"
        )
        paths = [
            f"80 % intervals over paths, {dependence}: "
            + ", ".join(f"{reading} {_show(share)}" for reading, share in shares.items())
            for dependence, shares in figures["overall"]["paths_coverage"].items()
        ]
        parts.append("\n".join([name, _columns([_HEADER, *lines]), notes, *paths]))
    return "\n\n".join(parts) + "\n"


def _coverage_by_level(scores: Sequence[SeriesScore], plan: BacktestPlan) -> dict[str, float | None]:
    """Coverage of the standard levels and the plan's, ascending."""
    return {
        f"{level:g}": _plain(micro_coverage(scores) if level == plan.level else coverage_of(scores, level))
        for level in known_levels(plan.level)
    }


def _mean_to_seasonal(scores: Sequence[SeriesScore]) -> float:
    return geometric_mean(np.array([score.mase_to_seasonal_naive for score in scores]))


def _mean_to_persistence(scores: Sequence[SeriesScore]) -> float:
    return geometric_mean(np.array([score.mase_to_persistence for score in scores]))


def _with_interval(
    scores: Sequence[SeriesScore], statistic: Callable[[Sequence[SeriesScore]], float], seed: int
) -> dict[str, float | None]:
    """A statistic and its 95 % interval by a bootstrap over systems; no interval for a single system."""
    by_system: dict[object, list[SeriesScore]] = {}
    for score in scores:
        by_system.setdefault(system_of(score.labels), []).append(score)
    systems = list(by_system.values())
    entry: dict[str, float | None] = {"value": _plain(statistic(scores)), "lower": None, "upper": None}
    if len(systems) > 1:
        rng = np.random.default_rng(seed)
        draws = rng.integers(0, len(systems), size=(_RESAMPLES, len(systems)))
        values = [statistic([score for i in draw for score in systems[i]]) for draw in draws]
        entry["lower"], entry["upper"] = (_plain(np.nanquantile(values, share)) for share in (0.025, 0.975))
    return entry


def _series_figures(score: SeriesScore, plan: BacktestPlan) -> dict[str, Any]:
    size = score.absolute_truth
    return {
        "labels": dict(score.labels.pairs),
        "models": dict(score.models),
        "n_known": score.n_known,
        "mase_to_seasonal_naive": _plain(score.mase_to_seasonal_naive),
        "mase_to_persistence": _plain(score.mase_to_persistence),
        "weighted_quantile_loss": _plain(score.quantile_loss / size if size > 0.0 else np.nan),
        "coverage": _plain(score.coverage),
        "coverage_by_level": _coverage_by_level([score], plan),
        "coverage_at": {
            f"{horizon_ms // 60_000}m": _plain(coverage_at([score], i)) for i, horizon_ms in enumerate(plan.horizons_ms)
        },
        "width_to_seasonal_naive_error": _plain(score.relative_width),
    }


def _line(metric: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = entry["coverage_series_quantiles"]["0.05"], entry["coverage_series_quantiles"]["0.95"]
    return (
        metric,
        str(entry["n_series"]) + (f" (+{entry['n_constant']} constant)" if entry["n_constant"] else ""),
        _show_interval(entry["mase_to_seasonal_naive"]),
        _show_interval(entry["mase_to_persistence"]),
        _show(entry["weighted_quantile_loss"]),
        _show_interval(entry["coverage"]),
        f"{_show(low)}-{_show(high)}",
        "/".join(_show(entry["coverage_by_level"][f"{level:g}"]) for level in STANDARD_LEVELS),
        _show(entry["width_to_seasonal_naive_error"]),
        " ".join(f"{model} {count}" for model, count in list(entry["models"].items())[:3]),
    )


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _show_interval(entry: Mapping[str, float | None]) -> str:
    between = f" ({_show(entry['lower'])}-{_show(entry['upper'])})" if entry["lower"] is not None else ""
    return _show(entry["value"]) + between


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _plain(value: float) -> float | None:
    """A float that JSON can hold: not-a-number and infinity become null."""
    return float(value) if np.isfinite(value) else None
