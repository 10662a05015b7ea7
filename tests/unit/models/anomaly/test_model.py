from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import ConfigError, ModelError
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies

STEP_SECONDS = 300.0


def history(n_steps: int = 1_200, n_metrics: int = 3, seed: int = 0) -> np.ndarray:
    return 50.0 + np.random.default_rng(seed).normal(size=(n_steps, n_metrics))


def jump(size: float) -> np.ndarray:
    test = history(100, seed=1)
    test[60:, 1] += size
    return test


@pytest.mark.parametrize(("direction", "alarms"), [("both", True), ("high", True), ("low", False)])
def test_only_the_wanted_direction_passes_the_line(direction: str, alarms: bool) -> None:
    model = fit_anomalies(history(), AnomalySettings(STEP_SECONDS, "moving_zscore", direction=direction))
    result = model.score(jump(20.0))
    assert bool(result.is_anomalous()[62:].any()) is alarms
    assert result.direction[65] == 1.0


@pytest.mark.parametrize("least", [{"min_absolute": 30.0}, {"min_relative": 0.6}])
def test_small_deviations_do_not_pass_the_line(least: dict[str, float]) -> None:
    plain = fit_anomalies(history(), AnomalySettings(STEP_SECONDS)).score(jump(20.0))
    held = fit_anomalies(history(), AnomalySettings(STEP_SECONDS, **least)).score(jump(20.0))
    assert plain.is_anomalous().any()
    assert not held.is_anomalous().any()


def test_what_is_usual_lies_in_the_expected_range() -> None:
    result = fit_anomalies(history(), AnomalySettings(STEP_SECONDS)).score(history(500, seed=2))
    usual = history(500, seed=2)
    assert ((result.lower < usual) & (usual < result.upper)).mean() > 0.99


def test_metrics_that_never_move_are_left_out_and_counted() -> None:
    train, test = history(), jump(20.0)
    train[:, 0] = test[:, 0] = 7.0
    train[:, 2] = np.nan
    result = fit_anomalies(train, AnomalySettings(STEP_SECONDS)).score(test)
    assert {(each.reason, each.count) for each in result.skipped} == {("constant", 1), ("few samples", 1)}
    assert np.isnan(result.contributions[:, [0, 2]]).all()
    assert result.top(70) == (1,)


def test_steps_without_samples_have_no_score() -> None:
    test = jump(0.0)
    test[10:13] = np.nan
    result = fit_anomalies(history(), AnomalySettings(STEP_SECONDS)).score(test)
    assert np.flatnonzero(np.isnan(result.score)).tolist() == [10, 11, 12]
    assert [(each.reason, each.count) for each in result.skipped] == [("gap", 3)]


@pytest.mark.parametrize("step_seconds", [STEP_SECONDS, 60.0])
def test_a_metric_that_is_gone_while_it_is_odd_does_not_stay_odd(step_seconds: float) -> None:
    test = jump(20.0)
    test[65:, 1] = np.nan
    model = fit_anomalies(history(), AnomalySettings(step_seconds))
    result = model.score(test)
    carried = max(int(300 / step_seconds), 1)
    assert result.is_anomalous()[62 : 65 + carried].all()
    # A score looks back over twenty steps.
    assert not result.is_anomalous()[65 + carried + 20 :].any()
    # However it is cut into rounds.
    first, later = model.advance(test[:66])
    rest = later.score(test[66:])
    np.testing.assert_allclose(np.concatenate((first.score, rest.score)), result.score)


def test_contributions_add_up_to_one() -> None:
    result = fit_anomalies(history(), AnomalySettings(STEP_SECONDS)).score(jump(20.0))
    np.testing.assert_allclose(result.contributions.sum(axis=1), 1.0)


def test_three_quantiles_of_one_latency_are_one_cause() -> None:
    rng = np.random.default_rng(3)
    values = history(1_300, 5)
    for column, factor in ((0, 1.0), (3, 2.0)):
        values[:, column] = factor * values[:, 4] + 0.05 * rng.normal(size=len(values))
    values[1_260:, [0, 3, 4]] += 40.0
    values[1_260:, 2] += 10.0
    result = fit_anomalies(values[:1_200], AnomalySettings(STEP_SECONDS, "moving_zscore")).score(values[1_200:])
    named = set(result.top(70, 2))
    assert 2 in named
    assert len(named & {0, 3, 4}) == 1


def test_a_fault_of_two_minutes_passes_the_line() -> None:
    values = history(5_000, 10)
    values[4_950:4_952, 4] += 12.0
    result = fit_anomalies(values[:4_000], AnomalySettings(60.0)).score(values[4_000:])
    assert result.score[951] > 1.0 > result.score[:950].max()


def test_a_history_too_short_or_still_is_refused_with_the_reason() -> None:
    with pytest.raises(ModelError, match="at least"):
        fit_anomalies(history(40), AnomalySettings(STEP_SECONDS))
    with pytest.raises(ModelError, match="2 metrics never moved"):
        fit_anomalies(np.ones((500, 2)), AnomalySettings(STEP_SECONDS))
    model = fit_anomalies(history(), AnomalySettings(STEP_SECONDS))
    with pytest.raises(ModelError, match=r"\(n_steps, 3\) is needed"):
        model.score(history(10, n_metrics=2))


def test_an_unknown_detector_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'ensemble'"):
        fit_anomalies(history(), AnomalySettings(STEP_SECONDS, "ensembel"))


@pytest.mark.parametrize("nonsense", [1e300, 1.7e308, -1.7e308, np.inf])
def test_one_absurd_value_is_unusual_or_unknown_and_over_when_it_is(nonsense):
    rng = np.random.default_rng(0)
    model = fit_anomalies(rng.normal(0.5, 0.02, (2_000, 4)), AnomalySettings(60.0))
    later = rng.normal(0.5, 0.02, (300, 4))
    later[10, 0] = nonsense
    score = model.score(later).score
    assert np.isfinite(score).all()
    assert (score[10] > 1.0) == np.isfinite(nonsense)
    assert (score[100:] < 1.0).all()
