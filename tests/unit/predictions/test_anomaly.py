from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronoia.predictions.anomaly import AnomalyScore, PeerScore


def score_of(**other: Any) -> AnomalyScore:
    shape = (2, 3)
    fields = {
        "score": np.array([0.5, 2.0]),
        "direction": np.array([0.0, 1.0]),
        "lower": np.zeros(shape),
        "upper": np.ones(shape),
        "contributions": np.array([[0.2, np.nan, 0.8], [0.6, np.nan, 0.4]]),
    }
    return AnomalyScore(**(fields | other))


def test_beyond_the_line_is_anomalous() -> None:
    assert score_of().is_anomalous().tolist() == [False, True]


def test_the_strongest_contribution_comes_first_and_skipped_metrics_never() -> None:
    assert score_of().top(0) == (2, 0)
    assert score_of().top(1, 1) == (0,)


def test_of_metrics_that_say_the_same_the_strongest_is_named() -> None:
    shares = np.array([[0.3, 0.1, 0.4, 0.2]])
    bounds = np.zeros((1, 4))
    score = AnomalyScore(np.ones(1), np.zeros(1), bounds, bounds.copy(), shares, groups=(0, 1, 0, 3))
    assert score.top(0) == (2, 3, 1)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        score_of().score[0] = 1.0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"direction": np.zeros(3)}, "direction has shape"),
        ({"upper": np.zeros((2, 2))}, "upper has shape"),
        ({"score": np.array([-1.0, 0.0])}, "score is negative"),
        ({"contributions": np.zeros((3, 3))}, "contributions of shape"),
        ({"groups": (0, 1)}, "2 groups for contributions"),
    ],
)
def test_fields_that_disagree_are_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        score_of(**wrong)


def peers_of(**other: Any) -> PeerScore:
    fields = {
        "score": np.array([[0.5, 3.0, np.nan, 1.5]]),
        "direction": np.array([[0.0, 1.0, np.nan, -1.0]]),
        "expected": np.zeros((1, 4)),
    }
    return PeerScore(**(fields | other))


def test_outliers_are_named_the_farthest_first() -> None:
    assert peers_of().outliers(0) == (1, 3)


def test_a_peer_score_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        peers_of().score[0, 0] = 1.0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"score": np.zeros(4)}, r"\(n_steps, n_peers\) is needed"),
        ({"direction": np.zeros((1, 3))}, "direction has shape"),
        ({"expected": np.zeros((2, 4))}, "expected has shape"),
        ({"score": np.array([[-1.0, 0.0, 0.0, 0.0]])}, "score is negative"),
    ],
)
def test_peer_scores_that_disagree_are_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        peers_of(**wrong)
