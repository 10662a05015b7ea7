"""Detectors that look at what is scored with a step, or change while they score, are kept from it."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.anomaly.library import LibraryDetector


class Hungry:
    """Does what PyOD's ECOD and COPOD do: scores against the history, all that was ever scored, and the batch."""

    def fit(self, rows: np.ndarray) -> Hungry:
        self.seen = rows
        return self

    def decision_function(self, rows: np.ndarray) -> np.ndarray:
        self.seen = np.concatenate((self.seen, rows))
        return np.abs(rows - self.seen.mean(axis=0)).sum(axis=1)


@pytest.fixture
def hungry(monkeypatch: pytest.MonkeyPatch) -> str:
    module = types.ModuleType("hungry_library")
    module.Hungry = Hungry  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hungry_library", module)
    return "hungry_library"


def test_one_that_eats_what_it_scores_says_the_same_again(hungry: str) -> None:
    values = np.random.default_rng(0).normal(size=(400, 3))
    fitted = LibraryDetector("hungry", hungry, "Hungry", is_alone=True).fit(values[:300], 60.0)
    whole = fitted.advance(values[300:])[0]
    np.testing.assert_array_equal(fitted.advance(values[300:])[0], whole)
    np.testing.assert_array_equal(fitted.advance(values[300:310])[0], whole[:10])
    np.testing.assert_array_equal(fitted.advance(values[310:320])[0], whole[10:20])


def test_without_that_care_it_does_not(hungry: str) -> None:
    values = np.random.default_rng(0).normal(size=(400, 3))
    fitted = LibraryDetector("hungry", hungry, "Hungry").fit(values[:300], 60.0)
    assert not np.array_equal(fitted.advance(values[300:])[0], fitted.advance(values[300:])[0])


def test_pyods_copod_is_one_of_these() -> None:
    copod = pytest.importorskip("pyod.models.copod", reason="PyOD is not installed")
    values = np.random.default_rng(0).normal(size=(200, 3))
    detector = copod.COPOD().fit(values[:150])
    assert not np.allclose(detector.decision_function(values[150:])[:5], detector.decision_function(values[150:155]))


def test_a_missing_library_is_named_with_its_extra() -> None:
    with pytest.raises(ModelError, match=r"pip install 'pronoia\[anomaly\]'"):
        LibraryDetector("absent", "no_such_library", "Absent").fit(np.zeros((50, 2)), 60.0)
