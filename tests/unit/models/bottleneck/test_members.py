import dataclasses

import numpy as np
import pytest

from pronoia.errors import ModelError, StateError
from pronoia.features.matrix import features_at
from pronoia.features.slots import DAY, Window
from pronoia.models.bottleneck import members
from pronoia.models.bottleneck.fit import RiskSettings, fit_risk
from pronoia.models.bottleneck.spans import Spans
from pronoia.models.classifiers.boosted_trees import TreeSettings
from pronoia.storage.risk_file import load_risks, save_risks
from support.loads import made_up_load

WINDOW = Window(4, 6)
SPANS = Spans(0, 8 * DAY, 10 * DAY, 13 * DAY)
TREES = TreeSettings(n_trees=40, least_weight=2.0, column_share=0.5)


@pytest.fixture(scope="module")
def blended():
    settings = dataclasses.replace(
        RiskSettings.of("onset"), trees=TREES, members=("trees", "hazard"), calibration="isotonic"
    )
    return fit_risk(made_up_load(16), "onset", WINDOW, SPANS, settings)


@pytest.fixture(scope="module")
def asked():
    return features_at(made_up_load(16), np.arange(8), np.full(8, 14 * DAY + 55), WINDOW)


def test_all_members_have_a_say(blended, asked):
    assert blended.members == ("trees", "hazard")
    said = blended.log_odds(asked)
    assert said.shape == (8, 2)
    assert (blended.platt.weights > 0.0).all()


def test_bounds_are_wider_where_members_disagree(blended, asked):
    lower, upper = blended.bounds(asked)
    alone = dataclasses.replace(blended, own=())
    narrow_lower, narrow_upper = alone.bounds(asked)
    said = blended.probability(asked)
    assert ((lower <= narrow_lower) & (narrow_upper <= upper)).all()
    assert (upper - lower).sum() > (narrow_upper - narrow_lower).sum()
    assert ((lower <= said) & (said <= upper)).all()


def test_a_blend_survives_being_saved(blended, asked, tmp_path):
    save_risks(tmp_path / "risk.npz", {"onset": blended})
    restored = load_risks(tmp_path / "risk.npz")["onset"]
    np.testing.assert_array_equal(restored.probability(asked), blended.probability(asked))
    np.testing.assert_array_equal(restored.bounds(asked), blended.bounds(asked))


def test_a_file_whose_calibration_is_of_other_members_is_refused(blended, tmp_path):
    odd = dataclasses.replace(blended, platt=blended.own[0])
    save_risks(tmp_path / "risk.npz", {"onset": odd})
    with pytest.raises(StateError, match=r"not of 2 member"):
        load_risks(tmp_path / "risk.npz")


def test_without_torch_the_networks_are_left_out(monkeypatch):
    monkeypatch.setattr(members, "has_torch", lambda: False)
    assert members.available_members(("trees", "lstm", "hazard")) == ("trees", "hazard")


def test_an_unknown_member_is_named():
    settings = dataclasses.replace(RiskSettings.of("onset"), trees=TREES, members=("trees", "oracle"))
    with pytest.raises(ModelError, match="no member 'oracle'"):
        fit_risk(made_up_load(16), "onset", WINDOW, SPANS, settings)


def test_trees_must_come_first():
    settings = dataclasses.replace(RiskSettings.of("onset"), trees=TREES, members=("hazard", "trees"))
    with pytest.raises(ModelError, match="trees must be the first"):
        fit_risk(made_up_load(16), "onset", WINDOW, SPANS, settings)


def test_partners_are_asked_only_where_trees_see_something(blended, asked):
    alone = blended.alone()
    assert alone.members == ("trees",)
    by_trees = alone.probability(asked)
    least = float(np.median(by_trees))
    said = blended.log_odds(asked, least)
    np.testing.assert_array_equal(np.isnan(said[:, 1]), by_trees < least)
    is_asked = by_trees >= least
    assert 0 < is_asked.sum() < len(said)
    plain = dataclasses.replace(blended, isotonic=None)
    np.testing.assert_allclose(plain.probability_of(said)[is_asked], plain.probability(asked)[is_asked])
    np.testing.assert_allclose(plain.probability_of(said)[~is_asked], by_trees[~is_asked])
    lower, upper = plain.bounds_of(said)
    assert ((lower <= plain.probability_of(said)) & (plain.probability_of(said) <= upper)).all()


def test_a_blend_of_few_positives_is_not_scaled_and_survives_being_saved(asked, tmp_path):
    settings = dataclasses.replace(
        RiskSettings.of("onset"), trees=TREES, members=("trees", "hazard"), least_positives=10**6
    )
    risk = fit_risk(made_up_load(16), "onset", WINDOW, SPANS, settings)
    assert risk.platt.weights.tolist() == [0.7, 0.3]
    save_risks(tmp_path / "risk.npz", {"onset": risk})
    restored = load_risks(tmp_path / "risk.npz")["onset"]
    np.testing.assert_array_equal(restored.bounds(asked), risk.bounds(asked))
