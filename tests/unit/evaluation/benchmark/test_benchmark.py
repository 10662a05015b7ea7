from __future__ import annotations

import numpy as np
import pytest

from pronoia.evaluation.benchmark.boom import mean_ratios
from pronoia.evaluation.benchmark.protocol import make_task
from pronoia.evaluation.benchmark.score import QUANTILES, naive_errors, score_forecast, score_task
from pronoia.evaluation.benchmark.seasonal import seasonal_naive
from pronoia.evaluation.benchmark.table import as_scores, format_ranking, format_tasks


def test_windows_follow_one_another_to_the_end_and_contexts_are_all_that_came_before() -> None:
    values = np.arange(2_000.0)
    task = make_task("set", "short", [values, values[:500]], 60)
    assert task.truths.shape == (5 + 2, 48)
    assert task.truths[4].tolist() == values[-48:].tolist()
    assert task.contexts[0, -1] == values[2_000 - 5 * 48 - 1]
    assert np.isfinite(task.contexts).sum(axis=1).tolist() == [1_760, 1_808, 1_856, 1_904, 1_952, 404, 452]


def test_the_error_is_scaled_by_the_season_or_by_the_last_value_in_a_short_context() -> None:
    task = make_task("set", "short", [np.arange(400.0), np.arange(200.0)], 300, most_windows=1)
    assert naive_errors(task).tolist() == [288.0, 1.0]


def test_a_perfect_forecast_scores_zero_and_covers_all() -> None:
    task = make_task("set", "short", [np.arange(500.0)], 300)
    perfect = np.repeat(task.truths[:, None], len(QUANTILES), axis=1)
    score = score_forecast(task, perfect, 0.0)
    assert (score.mase, score.crps, score.coverage_80, score.coverage_95) == (0.0, 0.0, 1.0, 1.0)


def test_forecasts_that_are_not_finite_are_refused() -> None:
    task = make_task("set", "short", [np.arange(500.0)], 300)
    with pytest.raises(ValueError, match="finite"):
        score_forecast(task, np.full((2, 11, 48), np.nan), 0.0)


def test_the_seasonal_naive_repeats_the_last_season() -> None:
    values = np.tile(np.arange(288.0), 4)[None]
    forecast = seasonal_naive(values, step_seconds=300, horizon=300, quantiles=(0.5,))
    assert forecast[0, 0].tolist() == [*range(288), *range(12)]


def test_ratios_leave_out_what_the_yardstick_foretells_exactly() -> None:
    yardstick = {("a", "short"): (1.0, 2.0), ("b", "short"): (0.0, 0.0)}
    assert mean_ratios({("a", "short"): (0.5, 0.5), ("b", "short"): (1.0, 1.0)}, yardstick, yardstick) == (0.5, 0.25)


def test_tables_hold_every_task_and_every_model() -> None:
    task = make_task("set", "short", [np.random.default_rng(0).normal(size=700)], 300)
    scores = [score_task(task, seasonal_naive)]
    published = {"seasonalnaive": as_scores(scores), "giant": {("set", "short"): (0.5, 0.5)}}
    assert "set             short      1.000   1.000" in format_tasks(scores, published["seasonalnaive"])
    assert "ours" in format_ranking(published, {"ours": as_scores(scores)})
