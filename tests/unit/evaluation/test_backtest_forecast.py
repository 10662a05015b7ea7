from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from pronoia.evaluation.backtest_forecast import backtest_forecasts, split_queries
from pronoia.evaluation.plan import BacktestPlan
from pronoia.evaluation.report import format_table, to_json
from pronoia.evaluation.run_backtest import run_backtests
from pronoia.evaluation.sample import sample_series
from pronoia.evaluation.walk import walk
from pronoia.series import LabelSet, SeriesFrame

HOUR = 3_600_000
DAY = 24 * HOUR
PLAN = BacktestPlan(step_ms=HOUR, horizon_ms=DAY, n_origins=4, horizons_ms=(HOUR, 4 * HOUR, DAY), model="seasonal-mean")
N_STEPS = 12 * 24


def recording(n_systems: int = 3, metrics: tuple[str, ...] = ("cpu",), seed: int = 0) -> SeriesFrame:
    rng = np.random.default_rng(seed)
    times = HOUR * np.arange(1, N_STEPS + 1, dtype=np.int64)
    day = 10.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(N_STEPS) / 24)
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": metric, "instance": f"vm{i}"}): (times, day + rng.normal(0.0, 0.5, N_STEPS))
            for metric in metrics
            for i in range(n_systems)
        }
    )


def changed_after(frame: SeriesFrame, instant_ms: int) -> SeriesFrame:
    values = np.where(frame.timestamps_ms > instant_ms, -1e6, frame.values)
    return SeriesFrame(frame.labels, frame.timestamps_ms, values, frame.indptr)


@pytest.mark.parametrize("model", ["auto", "seasonal-naive"])
def test_changing_the_future_changes_no_forecast_made_before(model: str) -> None:
    plan = BacktestPlan(step_ms=HOUR, n_origins=4, model=model)
    frame = recording(2)
    results = list(walk(frame, plan))
    for i, result in enumerate(results):
        again = list(walk(changed_after(frame, result.origin_ms), plan))[: i + 1]
        for before, after in zip(results, again, strict=False):
            np.testing.assert_array_equal(after.forecast.point, before.forecast.point)
            np.testing.assert_array_equal(after.forecast.lower, before.forecast.lower)
            np.testing.assert_array_equal(after.forecast.upper, before.forecast.upper)
            np.testing.assert_array_equal(after.seasonal_naive, before.seasonal_naive)
            np.testing.assert_array_equal(after.persistence, before.persistence)


def test_origins_lie_in_the_last_third_and_leave_a_horizon() -> None:
    origins = BacktestPlan(step_ms=HOUR, n_origins=5).origins_ms(0, 12 * DAY)
    assert origins[0] == 8 * DAY
    assert origins[-1] == 11 * DAY
    assert (origins % HOUR == 0).all()


def test_a_recording_without_room_for_a_horizon_has_no_origins() -> None:
    assert len(BacktestPlan().origins_ms(0, 2 * DAY)) == 0
    assert backtest_forecasts(SeriesFrame.empty()).scores == ()


def test_bounds_that_were_missed_are_wider_afterwards() -> None:
    frame = recording(4)
    rng = np.random.default_rng(5)
    late = frame.timestamps_ms > 8 * DAY
    wild = SeriesFrame(
        frame.labels, frame.timestamps_ms, frame.values + np.where(late, rng.normal(0, 5.0, late.size), 0), frame.indptr
    )
    calm_width, wild_width = (
        [np.mean(r.forecast.upper - r.forecast.lower) for r in walk(f, PLAN)] for f in (frame, wild)
    )
    assert wild_width[0] == calm_width[0]
    assert wild_width[-1] > 2.0 * calm_width[-1]


def test_a_seasonal_recording_is_forecast_better_than_by_its_baselines() -> None:
    report = backtest_forecasts(recording(), PLAN)
    assert len(report.scores) == 3
    for score in report.scores:
        assert score.mase_to_seasonal_naive < 0.95
        assert score.mase_to_persistence < 0.5
        assert 0.85 <= score.coverage <= 1.0


def test_each_level_holds_about_its_share_of_the_truth() -> None:
    figures = to_json({"r": backtest_forecasts(recording(6), PLAN)})["r"]["overall"]
    for level, share in figures["coverage_by_level"].items():
        assert abs(share - float(level)) < 0.12, level


def test_coverage_of_a_level_of_its_own_is_told_beside_the_standard_ones() -> None:
    figures = to_json({"r": backtest_forecasts(recording(1), replace(PLAN, level=0.9))})["r"]["overall"]
    assert list(figures["coverage_by_level"]) == ["0.5", "0.8", "0.9", "0.95"]
    assert figures["coverage_by_level"]["0.9"] == figures["coverage"]["value"]


def test_series_of_one_metric_that_end_on_different_days_are_two_queries() -> None:
    frame = recording(3, ("cpu", "memory"))
    assert [query.n_series for query in split_queries(frame)] == [3, 3]
    short = frame.keep_samples((frame.series_index() != 0) | (frame.timestamps_ms < 10 * DAY))
    assert [query.n_series for query in split_queries(short)] == [1, 2, 3]


def test_the_sample_is_fixed_and_takes_whole_systems() -> None:
    frame = recording(8, ("cpu", "memory"))
    sample = sample_series(frame, 5)
    assert sample.n_series == 6
    assert len({labels["instance"] for labels in sample.labels}) == 3
    assert sample_series(frame.take(range(15, -1, -1)), 5).labels[::-1] == sample.labels


def test_a_series_that_never_changes_is_counted_and_left_out_of_means() -> None:
    frame = recording(2)
    still = SeriesFrame.from_series({LabelSet({"__name__": "cpu", "instance": "still"}): (
        HOUR * np.arange(1, N_STEPS + 1), np.ones(N_STEPS))})  # fmt: skip
    both = SeriesFrame.from_series({labels: (t, v) for part in (frame, still) for labels, t, v in part})
    figures = to_json({"r": backtest_forecasts(both, PLAN)})["r"]["overall"]
    assert (figures["n_series"], figures["n_constant"]) == (2, 1)
    assert figures["mase_to_seasonal_naive"]["value"] < 0.95


def test_figures_are_plain_json_and_the_table_names_every_metric() -> None:
    reports = run_backtests({"r": recording(2, ("cpu", "memory"))}, PLAN)
    figures = json.loads(json.dumps(to_json(reports), allow_nan=False))["r"]
    assert set(figures["metrics"]) == {"cpu", "memory"}
    assert len(figures["series"]) == 4
    assert set(figures["overall"]["coverage_at"]) == {"60m", "240m", "1440m"}
    table = format_table(reports)
    by_level = figures["overall"]["coverage_by_level"]
    assert by_level["0.95"] == figures["overall"]["coverage"]["value"]
    assert f"{by_level['0.5']:.3f}/{by_level['0.8']:.3f}/{by_level['0.95']:.3f}" in table
    assert "cpu" in table
    assert "memory" in table


def test_progress_is_told_and_sampling_applies() -> None:
    told: list[tuple[int, int]] = []
    run_backtests(
        {"r": recording(2, ("cpu", "memory"))}, PLAN, max_series=2, on_progress=lambda *done: told.append(done)
    )
    assert told == [(1, 2), (2, 2)]


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    frame = recording(2, ("cpu", "memory"))
    alone, together = (to_json(run_backtests({"r": frame}, PLAN, n_workers=n))["r"]["series"] for n in (1, 2))
    assert alone == together
