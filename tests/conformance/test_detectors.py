"""What every anomaly detector in the catalogue does by being there."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.models.anomaly.catalogue import detector_names, make_detector, missing_extra
from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies

if TYPE_CHECKING:
    from pronoia.models.anomaly.contract import Detector

STEP_SECONDS = 300.0
N_TRAIN, N_TEST, N_METRICS = 900, 120, 4


@pytest.fixture(params=detector_names())
def name(request: pytest.FixtureRequest) -> str:
    if (extra := missing_extra(request.param)) is not None:
        pytest.skip(f"extra {extra} is not installed")
    return str(request.param)


@pytest.fixture
def detector(name: str) -> Detector:
    return make_detector(name)


def usual(n_steps: int, n_metrics: int = N_METRICS, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = np.sin(2.0 * np.pi * np.arange(n_steps) / 288.0)[:, None]
    return common + 0.3 * rng.normal(size=(n_steps, n_metrics))


def halves(n_metrics: int = N_METRICS) -> tuple[np.ndarray, np.ndarray]:
    values = usual(N_TRAIN + N_TEST, n_metrics)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    return values[:N_TRAIN], values[N_TRAIN:]


@pytest.mark.parametrize("n_metrics", [1, N_METRICS])
def test_it_gives_parts_that_are_finite_and_not_negative(detector: Detector, n_metrics: int) -> None:
    train, test = halves(n_metrics)
    parts = detector.fit(train, STEP_SECONDS).advance(test)[0]
    assert parts.shape == test.shape
    assert np.isfinite(parts).all()
    assert (parts >= 0.0).all()


def test_a_step_is_scored_the_same_whatever_comes_after(detector: Detector) -> None:
    train, test = halves()
    fitted = detector.fit(train, STEP_SECONDS)
    strange = test.copy()
    strange[60:] += 40.0
    np.testing.assert_allclose(fitted.advance(test)[0][:60], fitted.advance(strange)[0][:60], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fitted.advance(test)[0][:60], fitted.advance(test[:60])[0], rtol=1e-6, atol=1e-9)


def test_scoring_changes_nothing_in_it(detector: Detector) -> None:
    train, test = halves()
    fitted = detector.fit(train, STEP_SECONDS)
    before = fitted.advance(test)[0]
    fitted.advance(test[::-1] * 30.0)
    np.testing.assert_array_equal(fitted.advance(test)[0], before)


@pytest.mark.parametrize("n_metrics", [1, N_METRICS])
def test_going_on_from_where_it_stands_is_scoring_all_at_once(detector: Detector, n_metrics: int) -> None:
    train, test = halves(n_metrics)
    first = detector.fit(train, STEP_SECONDS)
    fitted, said = first, []
    for part in np.split(test, [1, 1, 3, 40, 115]):
        parts, fitted = fitted.advance(part)
        said.append(parts)
    np.testing.assert_allclose(np.concatenate(said), first.advance(test)[0], rtol=1e-6, atol=1e-9)


def test_it_leaves_what_it_is_given_as_it_was(detector: Detector) -> None:
    train, test = halves()
    kept = copy.deepcopy((train, test))
    detector.fit(train, STEP_SECONDS).advance(test)
    np.testing.assert_array_equal(train, kept[0])
    np.testing.assert_array_equal(test, kept[1])


def test_the_same_history_gives_the_same_detector(detector: Detector) -> None:
    train, test = halves()
    first, second = (detector.fit(train, STEP_SECONDS).advance(test)[0] for _ in range(2))
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_nothing_to_score_gives_nothing(detector: Detector) -> None:
    train, test = halves()
    assert detector.fit(train, STEP_SECONDS).advance(test[:0])[0].shape == (0, N_METRICS)


def test_a_large_jump_is_beyond_the_line_and_its_metric_first(name: str) -> None:
    values = usual(N_TRAIN + N_TEST)
    values[N_TRAIN + 80 :, 2] += 25.0
    model = fit_anomalies(values[:N_TRAIN], AnomalySettings(STEP_SECONDS, name, 1.0))
    result = model.score(values[N_TRAIN:])
    jumped = result.score[80:].max()
    if name in RANK_ONLY:
        assert np.median(result.score[100:]) > np.median(result.score[:80])
    else:
        assert jumped > max(1.0, result.score[:80].max())
    assert 2 in result.top(int(80 + np.argmax(result.score[80:])), 2)


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_units_do_not_matter(name: str, factor: float) -> None:
    values = usual(N_TRAIN + N_TEST)
    settings = AnomalySettings(STEP_SECONDS, name)
    plain = fit_anomalies(values[:N_TRAIN], settings).score(values[N_TRAIN:]).score
    other = factor * values + 5.0 * factor
    scaled = fit_anomalies(other[:N_TRAIN], settings).score(other[N_TRAIN:]).score
    np.testing.assert_allclose(scaled, plain, rtol=1e-3, atol=1e-3)


# Their scores end where the history does: beyond it, all is equally strange, and no line can be passed.
RANK_ONLY = {"copod", "ecod", "hbos", "isolation_forest"}
