import numpy as np
import pytest

from pronoia.errors import ConfigError
from pronoia.evaluation.bottleneck.bootstrap import average_precision_interval
from pronoia.evaluation.bottleneck.plan import BottleneckPlan
from pronoia.evaluation.bottleneck.recorded_load import recorded_load
from pronoia.evaluation.bottleneck.report import bottleneck_figures, bottleneck_tables
from pronoia.evaluation.bottleneck.run import run_bottleneck_backtest
from pronoia.features.formula import parse_formula
from pronoia.features.slots import DAY
from pronoia.series import LabelSet, SeriesFrame
from support.loads import SLOT_MS, START_MS, made_up_load

DAY_MS = DAY * SLOT_MS
PLAN = BottleneckPlan(START_MS + 10 * DAY_MS, START_MS + 13 * DAY_MS, stop_days=2.0, targets=("onset",))


@pytest.fixture(scope="module")
def reports():
    return run_bottleneck_backtest(made_up_load(16), PLAN, {}, lambda _: None)


def test_the_model_stands_beside_every_rule(reports):
    names = [recipe.name for recipe in reports[0][0].recipes]
    assert names[:5] == ["always no", "persistence", "current value", "predict_linear 1h", "same window, 3 of 7 days"]
    assert len(names) == 8


def test_daily_jobs_are_found_by_the_model_and_by_the_rule_of_days(reports):
    by_name = {recipe.name: recipe for recipe in reports[0][0].recipes}
    assert by_name["same window, 3 of 7 days"].recall > 0.3
    assert by_name["model, best F1 before"].average_precision > by_name["current value"].average_precision


def test_figures_are_plain_json(reports):
    import json

    figures = json.loads(json.dumps(bottleneck_figures(reports[0], PLAN), allow_nan=False))
    assert figures["targets"]["onset"]["rows"] == reports[0][0].n_rows
    assert len(bottleneck_tables(reports[0])) == 2


def test_a_fitted_model_is_scored_without_fitting(reports):
    said = []
    again, _ = run_bottleneck_backtest(made_up_load(16, seed=5), PLAN, reports[1], said.append)
    assert said == ["scoring onset"]
    assert again[0].n_rows


def test_a_split_outside_the_recording_is_one_clear_error():
    plan = BottleneckPlan(START_MS - DAY_MS, START_MS)
    with pytest.raises(ConfigError, match="--train-until"):
        run_bottleneck_backtest(made_up_load(4), plan, {}, lambda _: None)
    with pytest.raises(ConfigError, match="nothing of the recording to test on"):
        PLAN.test(made_up_load(13).grid)


def test_an_interval_over_systems_is_wide_where_one_system_carries_all():
    rng = np.random.default_rng(0)
    systems = np.repeat(np.arange(10), 100)
    happened = (systems == 0) & (rng.random(1000) < 0.5)
    low, high = average_precision_interval(happened, happened * 0.5 + rng.random(1000) * 0.1, systems)
    assert low <= 1.0 <= high + 1e-9
    one, other = average_precision_interval(happened, rng.random(1000), systems)
    assert other - one > 0.02


def _frame() -> SeriesFrame:
    times = START_MS + SLOT_MS * np.arange(4, dtype=np.int64) + 17_000
    columns = {"used": [1.0, 2.0, 3.0, 4.0], "limit": [4.0, 4.0, 4.0, 4.0], "disk_read_bytes_per_second": [1024.0] * 4}
    labels = tuple(LabelSet({"__name__": name, "instance": "a"}) for name in columns)
    return SeriesFrame(
        labels, np.tile(times, 3), np.concatenate([np.array(v) for v in columns.values()]), np.array([0, 4, 8, 12])
    )


def test_a_recording_becomes_loads_on_the_common_scale():
    load, other = parse_formula("used / limit"), parse_formula("absent")
    history = recorded_load(_frame(), load, other, threshold=0.5, slot_ms=SLOT_MS)
    np.testing.assert_allclose(history.load[0], [0.45, 0.9, 1.35, 1.8], rtol=1e-6)
    assert history.grid.start_ms == START_MS
    assert np.isnan(history.others[0]).all()
    np.testing.assert_allclose(history.others[1], np.log(2.0), rtol=1e-6)


def test_a_metric_that_the_recording_lacks_is_named():
    with pytest.raises(ConfigError, match="no metric cpu"):
        recorded_load(_frame(), parse_formula("cpu"), parse_formula("used"), threshold=0.9, slot_ms=SLOT_MS)
