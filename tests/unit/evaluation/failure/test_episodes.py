import numpy as np
import pytest

from pronoia.evaluation.failure.choose import AIMS, choose_rules
from pronoia.evaluation.failure.episodes import AlarmRule, is_repaired, score_episodes
from pronoia.evaluation.failure.recorded import SystemRecord
from pronoia.evaluation.failure.rules import SIMPLE_RULES, rule_score
from pronoia.evaluation.failure.speakers import known_rows
from pronoia.models.failure.features import FEATURES

N_SLOTS = 240


def _system(*events_minutes: float, name: str = "a", n_slots: int = N_SLOTS) -> SystemRecord:
    features = np.zeros((n_slots, len(FEATURES)), np.float32)
    return SystemRecord(name, "oom", (np.arange(n_slots) + 1) * 15.0, features, np.array(events_minutes) * 60.0)


def _alarms(*spells_minutes: tuple[float, float]) -> np.ndarray:
    minutes = (np.arange(N_SLOTS) + 1) / 4.0
    return np.any([(minutes >= first) & (minutes <= last) for first, last in spells_minutes], axis=0)


def test_an_alarm_in_time_announces_and_is_right():
    score = score_episodes(_system(30.0), _alarms((20.0, 29.0)))
    assert (score.n_events, score.n_announced, score.n_episodes, score.n_right) == (1, 1, 1, 1)
    assert score.leads_seconds == (600.0,)


def test_an_alarm_with_less_than_three_minutes_left_announces_nothing_though_it_is_right():
    score = score_episodes(_system(30.0), _alarms((28.0, 29.0)))
    assert (score.n_announced, score.n_right) == (0, 1)


def test_an_alarm_that_is_too_early_is_wrong_by_its_beginning_and_right_by_its_end():
    score = score_episodes(_system(30.0), _alarms((10.0, 29.0)))
    assert (score.n_announced, score.n_right, score.n_right_by_end) == (1, 0, 1)


def test_alarms_close_to_each_other_are_one_episode_and_a_failure_ends_one():
    assert score_episodes(_system(), _alarms((10.0, 11.0), (14.0, 15.0), (25.0, 26.0))).n_episodes == 2
    assert score_episodes(_system(30.0, 40.0), _alarms((25.0, 39.0))).n_episodes == 2


def test_what_begins_in_the_last_quarter_of_an_hour_has_no_known_truth_unless_it_fails():
    assert score_episodes(_system(), _alarms((50.0, 55.0))).n_episodes == 0
    assert score_episodes(_system(58.0), _alarms((50.0, 55.0))).n_right == 1


def test_nothing_is_judged_while_a_system_is_repaired():
    system = _system(30.0)
    assert is_repaired(system).sum() == N_SLOTS - 10
    assert score_episodes(system, _alarms((30.25, 32.0))).n_episodes == 0


def test_rows_without_a_known_outcome_are_not_learnt_from():
    known, happened = known_rows(_system(30.0))
    minutes = (np.arange(N_SLOTS) + 1) / 4.0
    assert happened.sum() == 61
    assert not known[minutes > 45.0].any()
    assert not known[(minutes > 30.0) & (minutes <= 32.5)].any()


def test_the_rule_is_chosen_for_its_aim():
    systems = [_system(30.0, name="a"), _system(name="b")]
    rising = np.interp((np.arange(N_SLOTS) + 1) / 4.0, [0.0, 10.0, 30.0, 30.25, 60.0], [0.0, 0.2, 0.9, 0.0, 0.0])
    disturbed = np.where((np.arange(N_SLOTS) > 40) & (np.arange(N_SLOTS) < 50), 0.4, 0.0)
    chosen = choose_rules(systems, [rising, disturbed])
    assert set(chosen) == set(AIMS)
    assert 0.4 < chosen["best F1"].threshold < 0.9


def test_a_rule_holds_for_so_many_slots():
    score = np.array([0.9, 0.1, 0.9, 0.9, np.nan, 0.9])
    assert AlarmRule(0.5, 2).alarms(score).tolist() == [False, False, False, True, False, False]


@pytest.mark.parametrize("name", SIMPLE_RULES)
def test_simple_rules_score_every_slot(name):
    assert rule_score(name, _system().features).shape == (N_SLOTS,)
