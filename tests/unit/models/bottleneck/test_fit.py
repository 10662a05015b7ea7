import dataclasses

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.features.labels import labels_of
from pronoia.features.matrix import features_at
from pronoia.features.slots import DAY, Window
from pronoia.models.bottleneck.fit import RiskSettings, fit_risk
from pronoia.models.bottleneck.spans import Spans
from pronoia.models.bottleneck.training_rows import balance_subjects, draw_rows
from pronoia.models.bottleneck.virtual_thresholds import virtual_histories
from pronoia.models.classifiers.boosted_trees import BoostedTrees, TreeSettings
from support.loads import load_history, made_up_load

WINDOW = Window(4, 6)
SPANS = Spans(0, 8 * DAY, 10 * DAY, 13 * DAY)


@pytest.fixture(scope="module")
def fitted():
    settings = dataclasses.replace(RiskSettings.of("onset"), trees=TreeSettings(n_trees=60, least_weight=2.0))
    return fit_risk(made_up_load(16), "onset", WINDOW, SPANS, settings)


def test_a_daily_job_is_foreseen_and_noise_is_not(fitted):
    history = made_up_load(16)
    now = 14 * DAY + 55
    said = fitted.probability(features_at(history, np.array([0, 5]), np.full(2, now), WINDOW))
    assert said[0] > 0.5
    assert said[1] < 0.02


def test_bounds_hold_the_probability(fitted):
    features = features_at(made_up_load(16), np.arange(8), np.full(8, 14 * DAY + 55), WINDOW)
    lower, upper = fitted.bounds(features)
    said = fitted.probability(features)
    assert ((lower <= said) & (said <= upper) & (lower >= 0.0) & (upper <= 1.0)).all()


def test_nothing_after_the_end_is_learnt_from(fitted):
    history = made_up_load(16)
    later = history.load.copy()
    later[:, 13 * DAY :] = 0.95
    settings = dataclasses.replace(RiskSettings.of("onset"), trees=TreeSettings(n_trees=60, least_weight=2.0))
    again = fit_risk(dataclasses.replace(history, load=later), "onset", WINDOW, SPANS, settings)
    features = features_at(history, np.arange(8), np.full(8, 12 * DAY), WINDOW)
    np.testing.assert_array_equal(again.probability(features), fitted.probability(features))


def test_trees_survive_being_saved(fitted):
    restored = BoostedTrees.from_bytes(fitted.trees.to_bytes())
    values = features_at(made_up_load(16), np.arange(8), np.full(8, 12 * DAY), WINDOW).values
    np.testing.assert_array_equal(restored.log_odds(values), fitted.trees.log_odds(values))
    assert restored.features == fitted.trees.features


def test_what_is_no_tree_is_refused():
    with pytest.raises(ModelError, match="cannot be read"):
        BoostedTrees.from_bytes(b"\x00" * 64)


def test_a_history_without_overloads_cannot_be_learnt_from():
    with pytest.raises(ModelError, match="one outcome only"):
        fit_risk(load_history(np.full((2, 16 * DAY), 0.1)), "onset", WINDOW, SPANS, RiskSettings.of("onset"))


def test_rows_stand_for_those_not_drawn():
    history = made_up_load(10)
    rng = np.random.default_rng(0)
    rows = draw_rows(history, "state", WINDOW, 0, 9 * DAY, rng=rng)
    truth = labels_of("state", history, WINDOW)
    judged = truth.scorable[:, 3 * DAY : 9 * DAY - WINDOW.last]
    assert rows.happened.sum() == (truth.happened[:, 3 * DAY : 9 * DAY - WINDOW.last] & judged).sum()
    assert rows.weights.sum() == pytest.approx(judged.sum(), rel=0.05)


def test_balance_keeps_the_total_and_takes_from_the_many():
    rows = draw_rows(made_up_load(10), "onset", WINDOW, 0, 9 * DAY, rng=np.random.default_rng(0))
    balanced = balance_subjects(rows)
    assert balanced.weights[rows.happened].sum() == pytest.approx(rows.weights[rows.happened].sum())
    counts = np.bincount(rows.features.rows[rows.happened])
    most, least = np.argmax(counts), np.argmin(np.where(counts > 0, counts, 10**9))
    of = rows.features.rows[rows.happened]
    positive = balanced.weights[rows.happened]
    assert positive[of == most][0] < positive[of == least][0]


def test_virtual_thresholds_are_the_subject_s_own_quantiles():
    load = np.full((2, 1000), 0.05)
    load[0, ::40] = 0.3
    copies = virtual_histories(load_history(load), 0, 1000)
    assert np.nanmax(copies[0].load[0]) == pytest.approx(0.9)
    assert np.isnan(copies[0].load[1]).all()


def test_spans_out_of_order_are_refused():
    with pytest.raises(ValueError, match="each must be later"):
        Spans(0, 10, 5, 20)
