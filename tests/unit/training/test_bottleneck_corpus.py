from __future__ import annotations

import numpy as np
import pytest

from pronoia.features.slots import DAY, HIGH, WINDOWS
from pronoia.training import train_bottleneck
from pronoia.training.bottleneck_corpus import source_histories
from pronoia.training.prior_examples import TrainingSeries

RNG = np.random.default_rng(0)


def waves(n_days: int, step_seconds: float = 300.0) -> np.ndarray:
    """A job each day, beside noise."""
    steps = int(n_days * 86_400 / step_seconds)
    of_day = (np.arange(steps) * step_seconds) % 86_400
    return RNG.gamma(2.0, 1.0, steps) + 50.0 * (of_day < 5400)


def test_a_series_is_shown_with_thresholds_of_its_own_and_some_it_never_reached() -> None:
    shown = [each for each in source_histories([TrainingSeries("a", waves(12), 300.0)]) if not each.is_young]
    highest = [float(each.history.load.max()) for each in shown]
    assert len([top for top in highest if top >= HIGH]) == 4
    assert len([top for top in highest if top < HIGH]) == 3


def test_what_varies_little_is_also_shown_with_thresholds_that_it_is_mostly_above() -> None:
    narrow = TrainingSeries("a", 50.0 + RNG.random(10 * DAY), 300.0)
    shown = [each for each in source_histories([narrow]) if each.is_mostly_high]
    shares = [float((each.history.load >= np.float32(HIGH)).mean()) for each in shown]
    assert [round(share, 1) for share in shares] == [1.0, 0.9, 0.5]
    assert not any(each.is_mostly_high for each in source_histories([TrainingSeries("a", waves(12), 300.0)]))


def test_pieces_of_a_day_stand_for_systems_never_seen_before() -> None:
    young = [each for each in source_histories([TrainingSeries("a", waves(12), 300.0)]) if each.is_young]
    assert {each.history.grid.n_steps for each in young} == {DAY}


def test_finer_recordings_are_brought_to_slots_and_coarser_short_or_negative_ones_left_out() -> None:
    fine = TrainingSeries("fine", waves(5, 60.0), 60.0)
    (first, *_) = source_histories([fine])
    assert first.history.grid.n_steps == 5 * DAY
    newest = fine.values[4::5]
    low = first.history.load[0] < 1.0
    np.testing.assert_allclose(np.corrcoef(first.history.load[0][low], newest[low])[0, 1], 1.0, rtol=1e-5)
    others = [
        TrainingSeries("coarse", waves(20, 3600.0), 3600.0),
        TrainingSeries("short", waves(3), 300.0),
        TrainingSeries("negative", waves(12) - 10.0, 300.0),
    ]
    assert list(source_histories(others)) == []


@pytest.mark.slow
def test_a_classifier_comes_of_it_whose_bounds_know_how_far_sources_disagree() -> None:
    series = [TrainingSeries(source, waves(13), 300.0) for source in "ab" for _ in range(2)]
    risk, n_positives = train_bottleneck._fit(list(source_histories(series)), "state", WINDOWS[0], 1)
    assert risk.trees.n_used <= 70
    assert n_positives > 100
    assert risk.platt.covariance[-1, -1] > 0.0
