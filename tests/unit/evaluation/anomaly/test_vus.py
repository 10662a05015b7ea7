from __future__ import annotations

import numpy as np
import pytest

from pronoia.evaluation.anomaly.vus import vus_pr


def spans(n_steps: int, n_spans: int, rng: np.random.Generator) -> np.ndarray:
    label = np.zeros(n_steps, np.bool_)
    for start in rng.integers(0, n_steps, n_spans):
        label[start : start + int(rng.integers(1, 40))] = True
    return label


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_tsb_ad(seed: int) -> None:
    metrics = pytest.importorskip("TSB_AD.evaluation.basic_metrics", reason="TSB-AD is not installed")
    rng = np.random.default_rng(seed)
    label = spans(1_500, 1 + 2 * seed, rng)
    score = rng.normal(size=1_500) + 2.0 * label * rng.uniform(size=1_500)
    score = np.round(score, 1) if seed % 2 else score
    *_, theirs = metrics.generate_curve(label.astype(int), score, 40, "opt", 60)
    assert vus_pr(label, score, 40, 60) == pytest.approx(theirs, rel=1e-12)


def test_it_equals_what_tsb_ad_gave_once() -> None:
    rng = np.random.default_rng(7)
    label = spans(1_000, 5, rng)
    score = rng.normal(size=1_000) + 1.5 * label
    assert vus_pr(label, score) == pytest.approx(TSB_AD_GAVE, rel=1e-12)


def test_spans_at_both_ends_count() -> None:
    label = np.zeros(300, np.bool_)
    label[:20] = label[-20:] = True
    assert vus_pr(label, label.astype(np.float64)) > vus_pr(label, (np.arange(300) < 20).astype(np.float64)) > 0.0


def test_order_alone_counts() -> None:
    rng = np.random.default_rng(1)
    label = spans(800, 3, rng)
    score = rng.normal(size=800)
    assert vus_pr(label, score) == pytest.approx(vus_pr(label, np.exp(score)))


@pytest.mark.parametrize(
    ("label", "score", "reason"),
    [
        (np.zeros(5, np.bool_), np.zeros(5), "all labels are alike"),
        (np.ones(5, np.bool_), np.zeros(5), "all labels are alike"),
        (np.array([True, False]), np.array([np.nan, 0.0]), "not finite"),
        (np.array([True, False]), np.zeros(3), "shape"),
    ],
)
def test_what_cannot_be_judged_is_refused(label: np.ndarray, score: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        vus_pr(label, score)


# `generate_curve` of TSB-AD 1.5, sliding window 100.
TSB_AD_GAVE = 0.7112407651752013
