"""The shipped classifiers on made-up machines: what they say keeps its order, its bounds and its rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pronoia.errors import ModelError
from pronoia.features.labels import hazard_labels, labels_of
from pronoia.features.slots import DAY, WINDOWS
from pronoia.models.bottleneck.causes import top_causes
from pronoia.models.bottleneck.horizons import Hazards, HorizonRisks, window_features
from pronoia.models.bottleneck.shipped import pack_risks, shipped_risks, unpack_risks
from support.loads import load_history, made_up_load

CUBE = hnp.arrays(np.float64, (3, 2, 4), elements=st.floats(0.0, 1.0))


@given(CUBE)
def test_a_probability_never_falls_with_the_horizon(hazard: np.ndarray) -> None:
    within = Hazards(hazard, 0.5 * hazard, np.sqrt(hazard)).within()
    assert (np.diff(within.point, axis=2) >= 0.0).all()
    assert ((within.lower <= within.point) & (within.point <= within.upper)).all()
    assert ((within.point >= 0.0) & (within.point <= 1.0)).all()


@pytest.fixture(scope="module")
def history():
    return made_up_load(n_days=9)


@pytest.fixture(scope="module")
def now(history):
    # Shortly before the daily job of the first machine.
    slots = np.full(history.n_subjects, 8 * DAY + 57)
    return np.arange(history.n_subjects), slots


def test_bounds_of_the_shipped_classifiers_hold_their_probability(history, now) -> None:
    hazards = shipped_risks().hazards(window_features(history, *now))
    assert ((hazards.lower <= hazards.point) & (hazards.point <= hazards.upper)).all()
    assert (hazards.upper > hazards.lower).all()


def test_a_daily_job_is_foretold_and_an_idle_machine_is_not(history, now) -> None:
    within = shipped_risks().hazards(window_features(history, *now)).within().point
    state = within[:, 0, 0]
    assert state[0] > 0.5, "runs its job every day at this hour"
    assert state[6] < 0.05, "was never loaded"


def test_the_order_of_systems_changes_nothing(history, now) -> None:
    order = np.array([5, 2, 7, 0, 1, 6, 4, 3])
    shuffled = replace(
        history,
        labels=tuple(history.labels[i] for i in order),
        load=history.load[order],
        others=history.others[:, order],
        static=history.static[order],
        systems=history.systems[order],
    )
    risks = shipped_risks()
    straight = risks.hazards(window_features(history, *now))
    np.testing.assert_allclose(
        risks.hazards(window_features(shuffled, *now)).point, straight.point[order], rtol=1e-6, atol=1e-9
    )


def test_hazards_are_learnt_where_nothing_happened_before_the_window() -> None:
    load = np.full((1, 40), 0.2)
    load[0, 20:23] = 0.95
    made = load_history(load)
    later = WINDOWS[1]
    assert labels_of("state", made, later).scorable[0, 16]
    assert hazard_labels("state", made, later).scorable[0, 15]
    assert hazard_labels("state", made, later).happened[0, 15], "slots 19 to 21"
    assert not hazard_labels("state", made, later).scorable[0, 17], "is overloaded three slots on"


def test_causes_are_the_largest_first(history, now) -> None:
    features = window_features(history, *now)
    for causes in top_causes(shipped_risks().risks["state"][0], features[0], 3):
        sizes = [abs(cause.log_odds) for cause in causes]
        assert 0 < len(sizes) <= 3
        assert sizes == sorted(sizes, reverse=True)


def test_saved_classifiers_say_the_same_when_loaded(history, now) -> None:
    again = unpack_risks(pack_risks(shipped_risks()))
    features = window_features(history, *now)
    np.testing.assert_array_equal(again.hazards(features).upper, shipped_risks().hazards(features).upper)


def test_a_damaged_file_is_refused() -> None:
    data = bytearray(pack_risks(shipped_risks()))
    data[-1] ^= 1
    with pytest.raises(ModelError, match="checksum"):
        unpack_risks(bytes(data))
    with pytest.raises(ModelError, match="does not begin with 'pronoia-bottleneck 1'"):
        unpack_risks(b"PK")


def test_a_missing_window_is_refused() -> None:
    risks = shipped_risks().risks
    with pytest.raises(ValueError, match="onset: classifiers of the windows"):
        HorizonRisks({"state": risks["state"], "onset": risks["onset"][:3]})


def test_what_is_shipped_is_small() -> None:
    assert len(pack_risks(shipped_risks())) < 1_000_000
