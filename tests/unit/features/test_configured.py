"""Features that a configuration asks for, against their definitions written out."""

from dataclasses import replace

import numpy as np
import pytest

from pronoia.features.configured import ConfiguredFeatures, Trend
from pronoia.features.load import LoadHistory
from pronoia.features.matrix import FEATURES, columns_of, features_at
from pronoia.features.slots import WINDOWS
from support.loads import made_up_load

ASKED = ConfiguredFeatures(
    metrics=("io", "cpu"),
    n_summarised=1,
    windows=(("5m", 1), ("1h", 12)),
    summaries=("mean", "min", "max", "std", "sum", "last", "median", "percentile_95"),
    trends=(Trend("io_trend", 1, 6, is_slope=True), Trend("cpu_growth", 2, 12, is_slope=False)),
)
PLAIN = {
    "mean": np.nanmean,
    "min": np.nanmin,
    "max": np.nanmax,
    "std": np.nanstd,
    "sum": np.nansum,
    "last": lambda span: span[-1],
    "median": np.nanmedian,
    "percentile_95": lambda span: np.nanpercentile(span, 95),
}


def history_of(seed: int = 0) -> LoadHistory:
    history, rng = made_up_load(2, seed), np.random.default_rng(seed)
    further = rng.gamma(2.0, 100.0, (2, *history.load.shape)).astype(np.float32)
    further[rng.random(further.shape) < 0.2] = np.nan
    further[1, 3, 400:420] = 0.0
    return replace(history, asked=ASKED, further=further)


def columns(history: LoadHistory, rows: np.ndarray, slots: np.ndarray) -> dict[str, np.ndarray]:
    values = features_at(history, rows, slots, WINDOWS[0]).values
    return {name: values[:, len(FEATURES) + i] for i, name in enumerate(ASKED.names)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_windows_are_summarised_and_trends_followed_as_defined():
    history = history_of()
    rows, slots = np.repeat(np.arange(8), 6), np.tile([0, 3, 11, 402, 420, 575], 8)
    got = columns(history, rows, slots)
    assert columns_of(history) == FEATURES + ASKED.names
    for i, (row, slot) in enumerate(zip(rows.tolist(), slots.tolist(), strict=True)):
        for metric, values in (("load", history.load[row]), ("io", history.further[0, row])):
            for window, n_slots in ASKED.windows:
                span = values[max(slot + 1 - n_slots, 0) : slot + 1].astype(np.float64)
                for summary, of in PLAIN.items():
                    wanted = of(span) if np.isfinite(span).any() else np.nan
                    said = got[f"configured_{metric}_{summary}_{window}"][i]
                    np.testing.assert_allclose(said, wanted, rtol=1e-5, atol=1e-7, err_msg=f"{metric} {summary} {slot}")
        span = history.further[0, row, max(slot - 5, 0) : slot + 1].astype(np.float64)
        known = np.flatnonzero(np.isfinite(span))
        slope = np.polyfit(known, span[known], 1)[0] if len(known) >= 2 else np.nan
        np.testing.assert_allclose(got["configured_io_trend"][i], slope, rtol=1e-4, atol=1e-4)
        cpu = history.further[1, row]
        growth = (cpu[slot] - cpu[slot - 12]) / cpu[slot - 12] if slot >= 12 and cpu[slot - 12] else np.nan
        np.testing.assert_allclose(got["configured_cpu_growth"][i], growth, rtol=1e-5)


def test_metrics_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"further has shape None, \(2, 8, 576\) is needed"):
        replace(made_up_load(2), asked=ASKED)
