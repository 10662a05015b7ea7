"""What an anomaly backtest found, as a table to read and as figures for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.evaluation.anomaly.run import DetectorReport

_COLUMNS = ("VUS-PR", "95 % over systems", "event recall", "episodes right", "false/day", "systems", "CPU s")


def anomaly_table(reports: Sequence[DetectorReport], false_alarms_per_day: float) -> Table:
    """One row a detector."""
    table = Table(title=f"aimed at {false_alarms_per_day:g} false alarms a day; scores are not point-adjusted")
    table.add_column("detector")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for report in reports:
        low, high = report.interval()
        table.add_row(
            report.name,
            _text(report.vus_pr),
            f"{_text(low)}-{_text(high)}",
            _text(report.event_recall),
            _text(report.episode_precision),
            _text(report.false_alarms_per_day),
            f"{len(report.scores)}" + (f" ({len(report.failed)} failed)" if report.failed else ""),
            f"{sum(score.cpu_seconds for score in report.scores):.1f}",
        )
    return table


def anomaly_figures(reports: Sequence[DetectorReport]) -> dict[str, Any]:
    """All figures, ready for `json.dump`; what is not known is null."""
    return {
        report.name: {
            "vus_pr": _plain(report.vus_pr),
            "interval": [_plain(bound) for bound in report.interval()],
            "event_recall": _plain(report.event_recall),
            "episode_precision": _plain(report.episode_precision),
            "false_alarms_per_day": _plain(report.false_alarms_per_day),
            "systems": {
                score.system: {
                    "vus_pr": _plain(score.vus_pr),
                    "events": score.counts.n_events,
                    "found": score.counts.n_found,
                    "episodes": score.counts.n_episodes,
                    "false": score.counts.n_false,
                    "cpu_seconds": score.cpu_seconds,
                }
                for score in report.scores
            },
            "failed": dict(report.failed),
        }
        for report in reports
    }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _text(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
