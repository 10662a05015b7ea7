import numpy as np

from pronoia.features.co_onset import NAMES, co_onset
from pronoia.features.slots import DAY, Window
from support.loads import load_history

WINDOW = Window(4, 6)


def _pairs(n_days: int = 6) -> np.ndarray:
    """Two that begin together, each day two slots apart, and one that begins alone."""
    load = np.full((3, n_days * DAY), 0.1)
    for day in range(n_days):
        load[0, day * DAY + 102] = 0.95
        load[1, day * DAY + 100] = 0.95
        load[2, day * DAY + 200] = 0.95
    return load


def _asked(load: np.ndarray, slot: int, **history) -> np.ndarray:
    rows = np.arange(len(load))
    return co_onset(load_history(load, **history), rows, np.full(len(rows), slot), WINDOW)


def test_the_later_of_a_pair_follows_the_earlier_and_nobody_follows_the_one_alone():
    weights = _asked(_pairs(), 5 * DAY + 95)[:, NAMES.index("group_weight")]
    assert weights[0] > 0.5
    assert weights[1:].tolist() == [0.0, 0.0]


def test_what_the_other_did_in_the_window_on_earlier_days_is_counted_with_its_weight():
    said = _asked(_pairs(), 5 * DAY + 95)[0]
    assert said[NAMES.index("group_days_start")] == np.float32(5.0) * said[NAMES.index("group_weight")]
    assert said[NAMES.index("group_starts_6")] == 0.0
    assert _asked(_pairs(), 5 * DAY + 101)[0, NAMES.index("group_starts_6")] > 0.5


def test_subjects_of_another_system_are_not_of_the_group():
    assert not _asked(_pairs(), 5 * DAY + 95, systems=np.array([0, 1, 2])).any()


def test_rows_do_not_depend_on_their_order():
    load = _pairs()
    rows, slots = np.array([0, 0, 1, 2]), np.array([5 * DAY + 95, 2 * DAY + 95, 1_000, 1_200])
    forth = co_onset(load_history(load), rows, slots, WINDOW)
    back = co_onset(load_history(load), rows[::-1].copy(), slots[::-1].copy(), WINDOW)
    np.testing.assert_allclose(forth, back[::-1], rtol=1e-6)
