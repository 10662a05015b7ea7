import numpy as np
import pytest

from pronoia.features.labels import labels_of, onset_labels, state_labels
from pronoia.features.slots import Window
from support.loads import load_history

WINDOW = Window(4, 6)


def _one_overload() -> np.ndarray:
    load = np.full((1, 40), 0.1)
    load[0, 20:25] = 0.95
    return load


def test_a_state_is_high_at_any_slot_of_the_window():
    labels = state_labels(load_history(_one_overload()), WINDOW)
    assert np.flatnonzero(labels.happened[0]).tolist() == list(range(14, 21))


def test_an_onset_is_only_where_an_overload_begins_in_the_window():
    labels = onset_labels(load_history(_one_overload()), WINDOW)
    assert np.flatnonzero(labels.happened[0]).tolist() == [14, 15, 16]


def test_slots_too_late_for_the_onset_or_not_clean_are_not_scored():
    labels = onset_labels(load_history(_one_overload()), WINDOW)
    # 17 to 19: it begins before the window; 20 to 29: high, or within half an hour of it; the end is not known.
    assert np.flatnonzero(labels.scorable[0]).tolist() == [*range(5, 17), *range(30, 34)]


def test_a_state_is_scored_where_all_slots_to_the_window_are_known():
    load = _one_overload()
    load[0, 10] = np.nan
    labels = state_labels(load_history(load), WINDOW)
    assert np.flatnonzero(labels.scorable[0]).tolist() == [0, 1, 2, 3, *range(11, 34)]


def test_an_unknown_target_is_named():
    with pytest.raises(ValueError, match="'sate'"):
        labels_of("sate", load_history(_one_overload()), WINDOW)


def test_a_window_behind_is_refused():
    with pytest.raises(ValueError, match=r"slots 0 \.\. 3 ahead"):
        Window(0, 3)
