"""What the calendar is worth: the error of forecasts with it over that without, where its effects show and elsewhere.

Made-up series with known effects at five minutes, then series without, then a real recording that is told it was taken
around a change of the clock, which it was not. Errors are mean absolute errors of the point; coverage is that of the
95 % interval where the effect shows. At last, the share of noise in which an event of random times would be believed.

    python tests/benchmarks/bench_calendar.py [MODEL]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from pronoia.models.forecast.calendar.layer import CalendarLayer
from pronoia.models.forecast.calendar.times import Calendar, EventTimes
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import Grid, LabelSet
from support.calendar_cases import WITH_EFFECT, WITHOUT_EFFECT, recording
from support.calendar_series import DAY_MS, at

if TYPE_CHECKING:
    from pronoia.predictions.forecast import Forecast
    from support.calendar_series import MadeUp

STEP_MS = 300_000
DAY = DAY_MS // STEP_MS
N_NOISE = 100


def main(model: str) -> None:
    """Print the tables."""
    table = Table(title=f"with the calendar, over without (model: {model})")
    for column in ("series", "error without", "with", "ratio", "all steps", "95 % holds", "with", "layer, ms a series"):
        table.add_column(column, justify="left" if column == "series" else "right")
    for name, make in (WITH_EFFECT | WITHOUT_EFFECT).items():
        table.add_row(name, *compared(make(), model))
        if name == list(WITH_EFFECT)[-1]:
            table.add_section()
    table.add_section()
    table.add_row("real recording, spring", *compared(recording("2026-03-30T12:00"), model))
    table.add_row("real recording, autumn", *compared(recording("2025-10-27T12:00"), model))
    Console(width=130).print(table)
    print(f"events believed in persistent noise: {believed(2):.1%} seen twice, {believed(4):.1%} seen four times")  # noqa: T201


def compared(series: MadeUp, model: str) -> list[str]:
    """One row: errors, their ratio, coverage."""
    n_ahead = series.truth.shape[1]
    plain = ForecastSettings(STEP_MS, n_ahead, refit_steps=12, model=model)
    known = replace(plain, calendar=series.calendar)
    forecasts = [
        fit_forecasts(series.history, settings).predict(series.history, n_ahead) for settings in (plain, known)
    ]
    started = time.process_time()
    layer = CalendarLayer.of(series.history.grid, known)
    for labels, values in zip(series.history.labels, series.history.values, strict=True):
        layer.enter(labels, values)
    seconds = time.process_time() - started
    errors = [np.abs(forecast.point - series.truth) for forecast in forecasts]
    shown = series.matters if series.matters.any() else np.ones(n_ahead, dtype=bool)
    without, with_it = (float(np.nanmean(error[:, shown])) for error in errors)
    held = [coverage(forecast, series.truth, shown) for forecast in forecasts]
    return [
        f"{without:.3g}",
        f"{with_it:.3g}",
        f"{with_it / without:.2f}",
        f"{np.nanmean(errors[1]) / np.nanmean(errors[0]):.2f}",
        *(f"{share:.0%}" for share in held),
        f"{1000 * seconds / len(series.truth):.1f}",
    ]


def coverage(forecast: Forecast, truth: np.ndarray, shown: np.ndarray) -> float:
    """Share of the truth inside the bounds."""
    inside = (truth >= forecast.lower) & (truth <= forecast.upper)
    return float(inside[:, shown][np.isfinite(truth[:, shown])].mean())


def believed(n_seen: int) -> float:
    """Share of series of persistent noise for which an event at random times is used."""
    rng = np.random.default_rng(n_seen)
    grid = Grid.ending_at(at("2026-05-13T20:00"), STEP_MS, 14 * DAY)
    used = 0
    for _ in range(N_NOISE):
        noise = rng.normal(size=grid.n_steps)
        for i in range(1, grid.n_steps):
            noise[i] += 0.98 * noise[i - 1]
        starts = np.sort(rng.choice(grid.timestamps_ms[DAY:], n_seen, replace=False))
        event = EventTimes("random", 2 * 3_600_000, tuple(starts.tolist()))
        settings = ForecastSettings(STEP_MS, DAY, calendar=Calendar(events=(event,)))
        entered = CalendarLayer.of(grid, settings).enter(LabelSet({}), noise)
        used += any(effect.is_used for effect in entered.events)
    return used / N_NOISE


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "auto")
