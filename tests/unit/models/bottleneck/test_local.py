"""Classifiers of one's own history: when they are fitted, and when they are taken up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.features.configured import ConfiguredFeatures
from pronoia.features.matrix import FEATURES
from pronoia.models.bottleneck import local
from pronoia.models.bottleneck.horizons import window_features
from pronoia.models.bottleneck.local import LocalBlend, LocalFit, fit_local, local_spans
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.models.bottleneck.shipped import shipped_risks
from pronoia.models.classifiers import sequence_network
from pronoia.models.classifiers.boosted_trees import TreeSettings
from pronoia.models.classifiers.platt import PlattScaling, identity_platt
from pronoia.models.classifiers.sequence_network import NetworkSettings, has_torch
from support.loads import cut, made_up_load

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY = made_up_load(n_days=15)


@pytest.fixture(scope="module", autouse=True)
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "_TREES", TreeSettings(n_trees=12, learning_rate=0.3, depth=4))
        yield


@pytest.fixture(scope="module")
def fit(few_trees: None) -> LocalFit:
    return fit_local(HISTORY, foolish())


def foolish() -> dict:
    """What is in use says the opposite of what it should."""
    risks = shipped_risks()
    wrong = PlattScaling(np.array([-1.0]), 0.0, np.zeros((2, 2)))
    return risks_to_arrays(
        type(risks)({target: tuple(replace(r, platt=wrong) for r in of) for target, of in risks.risks.items()})
    )


def test_a_week_and_overloads_in_each_part_are_needed() -> None:
    assert local_spans(HISTORY)[0] is not None
    assert local_spans(cut(HISTORY, 1000)) == (None, "1000 of 2016 slots are known")
    quiet = replace(HISTORY, load=np.minimum(HISTORY.load, np.float32(0.5)))
    assert local_spans(quiet)[1].startswith("0, 0, 0, 0 overloads began")
    assert fit_local(quiet, {}).arrays is None


def test_those_that_lose_less_than_the_ones_in_use_are_taken_up(fit: LocalFit) -> None:
    assert fit.n_better == 8
    assert fit.n_events > 50
    assert set(risks_from_arrays(fit.arrays).risks) == {"state", "onset"}


def test_a_blend_that_loses_less_than_its_trees_is_taken_up() -> None:
    fit = fit_local(HISTORY, foolish(), LocalBlend(("trees", "hazard")))
    risks = risks_from_arrays(fit.arrays)
    assert risks.members == {"trees", "hazard"}
    blended = [risk for of in risks.risks.values() for risk in of if risk.partners]
    assert all(risk.platt.weights[0] / risk.platt.weights.sum() == pytest.approx(0.7) for risk in blended)


def test_trees_speak_alone_where_the_blend_loses_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_loss", lambda risk, _: len(risk.partners) + (risk.platt.weights[0] < 0.0))
    fit = fit_local(HISTORY, foolish(), LocalBlend(("trees", "hazard")))
    assert (fit.n_better, risks_from_arrays(fit.arrays).members) == (8, {"trees"})


@pytest.mark.skipif(not has_torch(), reason="torch is not installed")
def test_a_network_is_trained_beside_the_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_NETWORK", NetworkSettings(most_rows=1_000, most_later_rows=500, n_epochs=1))
    monkeypatch.setattr(local, "_loss", lambda risk, _: -len(risk.partners))
    fit = fit_local(HISTORY, foolish(), LocalBlend(("trees", "lstm"), (0.6, 0.4)))
    risks = risks_from_arrays(fit.arrays)
    assert risks.members == {"trees", "lstm"}
    rows = np.arange(HISTORY.n_subjects)
    hazards = risks.hazards(window_features(HISTORY, rows, np.full(len(rows), HISTORY.grid.n_steps - 1)))
    assert np.isfinite(hazards.point).all()


def test_a_network_that_cannot_be_trained_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_network, "has_torch", lambda: False)
    with pytest.raises(ModelError, match=r"pronoia\[neural\]"):
        fit_local(HISTORY, foolish(), LocalBlend(("trees", "lstm")))


def test_those_that_do_not_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_loss", lambda *_: 1.0)
    fit = fit_local(HISTORY, risks_to_arrays(shipped_risks()))
    assert fit.arrays is None
    assert "no classifier lost less" in fit.reason


def test_with_few_positives_the_trees_speak_for_themselves(fit: LocalFit) -> None:
    onset = risks_from_arrays(fit.arrays).risks["onset"][0].platt
    assert (onset.weights.tolist(), onset.offset) == ([1.0], 0.0)
    assert onset.spread(np.zeros((1, 1)))[0] > 0.0


def test_a_rate_of_few_cases_is_less_certain() -> None:
    rare, common = (float(identity_platt(np.ones(1), n).spread(np.zeros((1, 1)))[0]) for n in (3, 300))
    assert rare > common


def test_of_many_subjects_those_with_most_overloads_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_MOST_SUBJECTS", 3)
    kept = local._busiest(HISTORY)
    assert kept.n_subjects == 3
    assert kept.starts.sum() >= np.sort(HISTORY.starts.sum(axis=1))[-3:].sum()


def test_configured_features_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        local, "_TREES", TreeSettings(n_trees=12, learning_rate=0.3, depth=4, column_share=1.0, least_weight=1.0)
    )
    # A queue fills before each overload.
    queue = np.zeros((1, *HISTORY.load.shape), np.float32)
    for ahead in range(1, 4):
        queue[0, :, :-ahead] += HISTORY.starts[:, ahead:]
    asked = ConfiguredFeatures(("queue",), 1, (("5m", 1),), ("last",))
    fit = fit_local(replace(HISTORY, asked=asked, further=queue), foolish())
    trees = risks_from_arrays(fit.arrays, FEATURES + asked.names).risks["onset"][0].trees
    assert trees.features == FEATURES + asked.names
    assert f"f{trees.features.index('configured_queue_last_5m')}" in trees.booster.get_score()
    with pytest.raises(ModelError, match="are not computed: configured_load_last_5m"):
        risks_from_arrays(fit.arrays)
