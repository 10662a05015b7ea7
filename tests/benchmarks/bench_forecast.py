"""Forecasting with the ensemble, without any server: a full fit, a forecast between fits, and what is kept of a series.

Sixteen series of 16,000 points at a minute: a day with noise, walks, bursts, a day that drifts. The processor time of
one process counts, so that other work on the machine does not. The fit holds all that `pronoia.forecast` does: members,
their backtest, weights. A query of the exporter adds the backtest that its intervals are calibrated by, here over two
weeks at five minutes, and keeps curves: its forecasts between fits are a correction of those.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from pronoia.models.forecast.ensemble.ensemble import fit_ensemble
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet
from pronoia.threads import compute_on_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

N_SERIES = 16
N_STEPS = 16_000
HORIZON = 48
N_RUNS = 3
QUERY = ForecastSettings(step_ms=300_000, horizon_steps=288, refit_steps=12)
QUERY_STEPS = 4_032


def workloads(n_series: int, n_steps: int, day_steps: int) -> NDArray[np.float64]:
    """A day with noise, a walk, rare bursts, and a day that drifts, in turn."""
    rng = np.random.default_rng(1)
    steps = np.arange(n_steps)
    day = np.sin(2.0 * np.pi * steps / day_steps)
    rows = []
    for i in range(n_series):
        noise = rng.normal(size=n_steps)
        forms = (
            10.0 + 3.0 * day + 0.5 * noise,
            noise.cumsum(),
            np.where(rng.random(n_steps) < 0.03, rng.exponential(5.0, n_steps), 0.0),
            10.0 + 2.0 * day + 0.05 * noise.cumsum(),
        )
        rows.append(forms[i % len(forms)])
    return np.array(rows)


def processor_seconds(work: Callable[[], object], n_runs: int = N_RUNS) -> float:
    """Median over the runs, after one that compiles."""
    work()
    seconds = []
    for _ in range(n_runs):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def kept_bytes(arrays: dict[str, NDArray[np.generic]]) -> int:
    """What is kept between fits."""
    return sum(array.nbytes for array in arrays.values())


def main() -> None:
    """Print the table."""
    compute_on_one_thread()
    table = Table(title="forecasts on one core, per series")
    for heading in ("what", "seconds per fit", "ms per forecast", "kB kept", "kB of history"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    values = workloads(N_SERIES, N_STEPS, day_steps=1_440)
    fitted = fit_ensemble(values, step_seconds=60, horizon=HORIZON)
    fit = processor_seconds(lambda: fit_ensemble(values, step_seconds=60, horizon=HORIZON))
    one = fit_ensemble(values[:1], step_seconds=60, horizon=HORIZON)
    table.add_row(
        f"ensemble, {N_STEPS:,} points, {HORIZON} ahead, {N_SERIES} series at once",
        f"{fit / N_SERIES:.3f}",
        f"{1e3 * processor_seconds(lambda: fitted.forecast(values)) / N_SERIES:.1f}",
        f"{kept_bytes(fitted.arrays()) / N_SERIES / 1e3:.0f}",
        f"{values.nbytes / N_SERIES / 1e3:.0f}",
    )
    table.add_row(
        "ensemble, the same, one series alone",
        f"{processor_seconds(lambda: fit_ensemble(values[:1], step_seconds=60, horizon=HORIZON)):.3f}",
        f"{1e3 * processor_seconds(lambda: one.forecast(values[:1])):.1f}",
        f"{kept_bytes(one.arrays()) / 1e3:.0f}",
        f"{values[0].nbytes / 1e3:.0f}",
    )
    rows = workloads(4, QUERY_STEPS, day_steps=288)
    labels = tuple(LabelSet({"series": str(i)}) for i in range(len(rows)))
    history = AlignedFrame(labels, Grid.ending_at(1_760_000_000_000 // 300_000 * 300_000, 300_000, QUERY_STEPS), rows)
    for model in ("ensemble", "auto"):
        settings = ForecastSettings(QUERY.step_ms, QUERY.horizon_steps, QUERY.refit_steps, model=model)
        forecasts = fit_forecasts(history, settings)
        table.add_row(
            f"model: {model}, {QUERY_STEPS:,} points, {QUERY.horizon_steps} ahead, with intervals",
            f"{processor_seconds(lambda: fit_forecasts(history, settings)) / len(rows):.3f}",  # noqa: B023 - called now
            f"{1e3 * processor_seconds(lambda: forecasts.predict(history, 288)) / len(rows):.1f}",  # noqa: B023
            f"{kept_bytes(dict(forecasts.to_arrays())) / len(rows) / 1e3:.0f}",
            f"{rows[0].nbytes / 1e3:.0f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
