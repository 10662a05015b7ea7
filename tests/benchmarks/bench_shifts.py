"""Steps to a new level: how far off the forecast is, and how often it holds the truth, by the time since the step.

Four forecasts are put beside each other, all of the exporter's path (fit, then corrected by the newest samples): what
the forecast would be without regard to level shifts, what it is, the last value (persistence), and one that knows the
step. Errors are mean absolute errors over the standard deviation of the series' noise.

    made-up   noise, a day, both, bursts, AR(1); steps of 1-8 standard deviations up or down that last, pulses that
              pass after 5-30 minutes, and ramps of two hours
    real      the largest lasting change of a series' median in a recording (`largest_shift`), a random half of the
              series; the other half was looked at when constants were chosen

    python tests/benchmarks/bench_shifts.py [made-up] [one-minute] [real FOLDER_OR_FILE ...] [--model NAME]
"""

from __future__ import annotations

import argparse
import itertools
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet, align
from pronoia.storage.recording import Recording
from pronoia.threads import compute_on_one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.series import SeriesFrame

HORIZONS_MINUTES = (15, 60, 240, 1440)
SINCE_MINUTES = (1, 5, 10, 30, 60, 240, 1440)
FIT_EVERY_MINUTES = 60
# Series of a recording that are searched for a shift.
_MOST_LOOKED_AT = 300
FORECASTS = ("before", "now", "persistence", "oracle")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Series with a step at one index, all alike but for their noise.

    Args:
        name: what the table calls it.
        values: float64 (n_series, n_values).
        without: the same had the step not been, float64 (n_series, n_values); NaN where nobody knows.
        start: index of the first value after the step.
        unit: float64 (n_series,), what errors are divided by.
        step_ms: distance of values.
    """

    name: str
    values: NDArray[np.float64]
    without: NDArray[np.float64]
    start: int
    unit: NDArray[np.float64]
    step_ms: int


def made_up(step_ms: int, n_days: int, n_each: int, rng: np.random.Generator) -> list[Case]:
    """All kinds of series by all kinds of change."""
    day = 86_400_000 // step_ms
    start, n_values = n_days * day, (n_days + 2) * day + 1
    changes: list[tuple[str, float, float, int]] = [(f"step {s} sd", float(s), np.inf, 0) for s in (1, 2, 4, 8)]
    changes += [(f"pulse 8 sd {m} min", 8.0, m * 60_000 / step_ms, 0) for m in (5, 10, 30)]
    changes += [("ramp 8 sd in 2 h", 8.0, np.inf, 7_200_000 // step_ms), ("no step", 0.0, np.inf, 0)]
    cases = []
    for name, size, lasts, ramp in changes:
        rows = []
        for _ in range(n_each):
            noise = rng.normal(size=(5, n_values))
            smooth = noise[4].copy()
            for i in range(1, n_values):
                smooth[i] = 0.9 * smooth[i - 1] + np.sqrt(1.0 - 0.81) * noise[4, i]
            pattern = 3.0 * np.sin(2.0 * np.pi * (np.arange(n_values) / day + rng.random()))
            bursts = np.where(rng.random(n_values) < 0.03, rng.exponential(3.0, n_values), 0.0)
            rows += [noise[0], pattern + 0.2 * noise[1], pattern + noise[2], bursts + 0.3 * noise[3], smooth]
        without = np.array(rows)
        since = np.arange(n_values) - start
        change = np.where((since >= 0) & (since < max(lasts, 1.0)), size, 0.0)
        if ramp:
            change *= np.clip((since + 1) / ramp, 0.0, 1.0)
        unit = np.tile([1.0, 0.2, 1.0, 0.6, 1.0], n_each)
        sign = rng.choice([-1.0, 1.0], len(rows))
        cases.append(Case(name, without + (sign * unit)[:, None] * change, without, start, unit, step_ms))
    return cases


def real(frame: SeriesFrame, step_ms: int, name: str, most: int) -> list[Case]:
    """One case per series of the reported half, those with a shift."""
    cases: list[Case] = []
    day = 86_400_000 // step_ms
    for row in np.random.default_rng(1).permutation(frame.n_series)[:_MOST_LOOKED_AT].tolist():
        one = frame.take([row])
        if len(cases) >= most:
            break
        if one.n_samples < 100 or not zlib.crc32(str(one.labels[0]).encode()) % 2:
            continue
        first, last = int(one.timestamps_ms[0]), int(one.timestamps_ms[-1])
        values = align(one, Grid.ending_at(last, step_ms, (last - first) // step_ms + 1)).values[0]
        if np.isfinite(values).mean() < 0.8:
            continue
        start = largest_shift(values, day)
        if start is None:
            continue
        unit = float(np.nanmean(np.abs(values - np.nanmedian(values))))
        low = max(start - 7 * day, 0)
        around = values[None, low : start + 2 * day + 1]
        cases.append(Case(name, around, np.full_like(around, np.nan), start - low, np.array([unit]), step_ms))
    return cases


def largest_shift(values: NDArray[np.float64], day: int) -> int | None:
    """First index after the largest lasting change of the median, if there is one.

    Lasting: the medians of the first half hour after it, of the next five and a half hours and of the rest of a day all
    lie beyond the whole middle 98 % of the day before it, on one side, by at least half of that range. The history
    before must hold a day and a half, that after two days.
    """
    if len(values) < 4 * day:
        return None
    best, best_size = None, 0.0
    hour = day // 24
    half = np.median(np.lib.stride_tricks.sliding_window_view(values, hour // 2), axis=1)
    before = np.lib.stride_tricks.sliding_window_view(values, 2 * hour)
    starts = np.arange(3 * day // 2, len(values) - 2 * day)
    low, high = np.fmin.reduce(before, axis=1), np.fmax.reduce(before, axis=1)
    jumped = (half[starts] > high[starts - 2 * hour]) | (half[starts] < low[starts - 2 * hour])
    for start in starts[jumped].tolist():
        low_before, middle, high_before = np.nanquantile(values[start - day : start], [0.01, 0.5, 0.99])
        scale = high_before - low_before + 1e-9 * (1.0 + abs(middle))
        edges = (0, hour // 2, 6 * hour, day)
        medians = [float(np.nanmedian(values[start + i : start + j])) for i, j in itertools.pairwise(edges)]
        size = max(min(medians) - high_before, low_before - max(medians))
        if size > 0.5 * scale and size / scale > best_size:
            best, best_size = start, size / scale
    return best


def fit(values: NDArray[np.float64], end: int, case: Case, model: str) -> FittedForecasts:
    """Fitted to what was known at `end`."""
    horizon = HORIZONS_MINUTES[-1] * 60_000 // case.step_ms
    settings = ForecastSettings(case.step_ms, horizon, FIT_EVERY_MINUTES * 60_000 // case.step_ms, model=model)
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(values)))
    grid = Grid.ending_at((end + 1_000_000) * case.step_ms, case.step_ms, end + 1)
    return fit_forecasts(AlignedFrame(labels, grid, values[:, : end + 1]), settings)


def recent(values: NDArray[np.float64], end: int, case: Case) -> AlignedFrame:
    """The newest values at `end`."""
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(values)))
    few = values[:, max(end - 48, 0) : end + 1]
    return AlignedFrame(labels, Grid.ending_at((end + 1_000_000) * case.step_ms, case.step_ms, few.shape[1]), few)


class Tally:
    """Errors and hits, by case, time since the step, what was fitted when, horizon and forecast."""

    def __init__(self) -> None:
        self.errors: dict[tuple[str, str, int, str], list[float]] = {}
        self.hits: dict[tuple[str, str, int, str], list[float]] = {}

    def add(self, key: tuple[str, str, int], name: str, errors: NDArray[np.float64], hits: NDArray[np.float64]) -> None:
        """Add what is known."""
        known = np.isfinite(errors)
        self.errors.setdefault((*key, name), []).extend(errors[known].tolist())
        self.hits.setdefault((*key, name), []).extend(hits[known].tolist())


def judge(case: Case, model: str, tally: Tally) -> None:
    """All forecasts of one case."""
    last_fit = case.start - 1 - 300_000 // case.step_ms
    for minutes in SINCE_MINUTES:
        since = minutes * 60_000 // case.step_ms
        if since < 1:
            continue
        now = case.start - 1 + since
        ways = [("refitted", now)]
        if now - last_fit <= FIT_EVERY_MINUTES * 60_000 // case.step_ms:
            ways = [("between fits", last_fit)] + (ways if minutes in (10, 30) else [])
        for way, fit_at in ways:
            fitted = fit(case.values, fit_at, case, model)
            if fitted.n_series != len(case.values):
                continue
            newest = recent(case.values, now, case)
            steps = fitted.settings.horizon_steps
            off = replace(fitted, shift_states=np.zeros_like(fitted.shift_states))
            said = {"before": off.predict(newest, steps), "now": fitted.predict(newest, steps)}
            for horizon in HORIZONS_MINUTES:
                k = horizon * 60_000 // case.step_ms
                span = slice(max(k - k // 4, 1) - 1, k)
                truth = case.values[:, now + 1 + span.start : now + 1 + span.stop]
                key = (case.name, f"{minutes} min, {way}", horizon)
                for name, forecast in said.items():
                    point, low, high = (x[:, span] for x in (forecast.point, forecast.lower, forecast.upper))
                    hits = ((truth >= low) & (truth <= high)).mean(axis=1)
                    tally.add(key, name, np.abs(truth - point).mean(axis=1) / case.unit, hits)
                last = case.values[:, now, None]
                tally.add(
                    key, "persistence", np.abs(truth - last).mean(axis=1) / case.unit, np.full(len(truth), np.nan)
                )
            if np.isfinite(case.without).all():
                _judge_oracle(case, model, tally, (fit_at, now), f"{minutes} min, {way}")


def _judge_oracle(case: Case, model: str, tally: Tally, instants: tuple[int, int], since: str) -> None:
    """The forecast of the series without its step, and the step added."""
    fit_at, now = instants
    known = fit(case.without, fit_at, case, model)
    known = replace(known, shift_states=np.zeros_like(known.shift_states))
    said = known.predict(recent(case.without, now, case), known.settings.horizon_steps)
    for horizon in HORIZONS_MINUTES:
        k = horizon * 60_000 // case.step_ms
        span = slice(max(k - k // 4, 1) - 1, k)
        truth = case.without[:, now + 1 + span.start : now + 1 + span.stop]
        hits = ((truth >= said.lower[:, span]) & (truth <= said.upper[:, span])).mean(axis=1)
        errors = np.abs(truth - said.point[:, span]).mean(axis=1) / case.unit
        tally.add((case.name, since, horizon), "oracle", errors, hits)


def show(tally: Tally, title: str) -> None:
    """One row per case and time since the step; errors of all forecasts and coverage, at each horizon."""
    table = Table(title=f"{title}: error before > now (persistence, oracle) | coverage before > now")
    table.add_column("case")
    table.add_column("since the step")
    for horizon in HORIZONS_MINUTES:
        table.add_column(f"{horizon} min ahead")
    rows = dict.fromkeys((name, since) for name, since, _, _ in tally.errors)
    for name, since in rows:
        cells = []
        for horizon in HORIZONS_MINUTES:
            mean = {f: _mean(tally.errors.get((name, since, horizon, f))) for f in FORECASTS}
            held = {f: _mean(tally.hits.get((name, since, horizon, f))) for f in ("before", "now")}
            cells.append(
                f"{mean['before']:.2f} > {mean['now']:.2f} ({mean['persistence']:.2f}, {mean['oracle']:.2f})"
                f" | {held['before']:.2f} > {held['now']:.2f}"
            )
        n = len(tally.errors[(name, since, HORIZONS_MINUTES[0], "now")])
        table.add_row(name, f"{since} ({n})", *cells)
    Console(width=240).print(table)


def _mean(values: list[float] | None) -> float:
    return float(np.mean(values)) if values else float("nan")


def main() -> None:
    """Print the tables."""
    compute_on_one_thread()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("made-up", "one-minute", "real"))
    parser.add_argument("recordings", nargs="*")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--most", type=int, default=25, help="series per recording")
    parser.add_argument("--each", type=int, default=2, help="series per kind and change")
    asked = parser.parse_args()
    tally = Tally()
    if asked.what == "real":
        for path in asked.recordings:
            recording = Recording.load(path)
            name = path.rstrip("/").removesuffix("/recording.parquet").rsplit("/", 1)[-1]
            for case in real(recording.frame, max(300_000, recording.step_ms), name, asked.most):
                judge(case, asked.model, tally)
    else:
        step_ms, n_days = (300_000, 7) if asked.what == "made-up" else (60_000, 2)
        for case in made_up(step_ms, n_days, asked.each, np.random.default_rng(3)):
            judge(case, asked.model, tally)
    show(tally, asked.what)


if __name__ == "__main__":
    main()
