import numpy as np

from pronoia.evaluation.classification.events import score_events
from pronoia.features.slots import DAY, Window

WINDOW = Window(4, 6)


def _score(starts: list[int], alarms: list[int], n_slots: int = 200):
    flags = np.zeros((2, 1, n_slots), bool)
    flags[0, 0, starts] = True
    flags[1, 0, alarms] = True
    return score_events(flags[0], np.ones((1, n_slots), bool), flags[1], WINDOW, DAY)


def test_an_alarm_at_the_window_s_distance_announces():
    score = _score([100], [95])
    assert (score.n_events, score.n_announced, score.recall) == (1, 1, 1.0)
    assert score.leads.tolist() == [5.0]


def test_an_alarm_too_late_does_not_announce_but_its_spell_was_right():
    score = _score([100], [98])
    assert score.n_announced == 0
    assert score.episode_precision == 1.0


def test_alarms_near_each_other_are_one_spell():
    score = _score([100], [90, 93, 95, 150])
    assert (score.n_episodes, score.n_true_episodes) == (2, 1)
    assert score.leads.tolist() == [10.0]
    assert score.false_per_day == 1 / (200 / DAY)


def test_no_alarms_and_no_events_are_no_figures():
    score = _score([], [])
    assert np.isnan(score.recall)
    assert np.isnan(score.episode_precision)
