from __future__ import annotations

import numpy as np

from pronoia.learning.risk_outcomes import IssuedRisks, RiskLog
from support.loads import SLOT_MS, START_MS, cut, load_history

FIRST = START_MS // SLOT_MS
LOAD = np.full((2, 120), 0.2)
# Begins five slots after slot 60, in the second window.
LOAD[0, 65:70] = 0.95
HISTORY = load_history(LOAD)


def issued(slot: int, within: float = 0.8) -> IssuedRisks:
    hazard = np.tile([0.1, 0.5, 0.2, 0.3], (2, 2, 1))
    return IssuedRisks(FIRST + slot, HISTORY.labels, hazard, np.full((2, 2, 4), within), np.array([True, False]))


def matured_at(log: RiskLog, slot: int) -> dict[tuple[int, int], object]:
    """What comes due when a slot is complete, by target and window."""
    return {(each.target, each.window): each for each in log.matured(cut(HISTORY, slot + 2))}


def test_each_window_is_judged_once_when_it_is_over() -> None:
    log = RiskLog()
    log.remember(issued(60))
    assert matured_at(log, 62) == {}
    assert set(matured_at(log, 63)) == {(0, 0), (1, 0)}
    assert set(matured_at(log, 66)) == {(0, 1), (1, 1)}
    assert matured_at(log, 66) == {}
    assert set(matured_at(log, 110)) == {(0, 2), (1, 2), (0, 3), (1, 3)}


def test_a_hazard_is_judged_where_nothing_had_happened_before() -> None:
    log = RiskLog()
    log.remember(issued(60))
    judged = matured_at(log, 110)
    second, third = judged[0, 1], judged[0, 2]
    assert second.happened.tolist() == [True, False]
    assert second.at_risk.tolist() == [True, True]
    assert third.at_risk.tolist() == [False, True]
    assert third.happened_within.tolist() == [True, False]


def test_onsets_are_judged_of_what_was_clean() -> None:
    log = RiskLog()
    log.remember(issued(60))
    assert len(matured_at(log, 110)[1, 1].happened) == 1


def test_what_is_not_known_is_not_judged() -> None:
    load = LOAD.copy()
    load[1, 64] = np.nan
    log = RiskLog()
    log.remember(issued(60))
    rows = {(each.target, each.window): len(each.within) for each in log.matured(load_history(load))}
    assert rows == {(0, 0): 2, (1, 0): 1, (0, 1): 1, (1, 1): 1, (0, 2): 1, (1, 2): 1, (0, 3): 1, (1, 3): 1}


def test_the_lead_is_the_unbroken_warning_before_the_overload() -> None:
    log = RiskLog()
    for slot in range(55, 65):
        log.remember(issued(slot, within=0.3 if slot == 60 else 0.8))
    seen = cut(HISTORY, 67)
    assert log.leads(seen, 0.6, 1) == [4]
    assert log.leads(cut(HISTORY, 68), 0.6, 1) == [], "it began a slot ago"


def test_a_clock_that_was_set_back_begins_anew() -> None:
    log = RiskLog()
    log.remember(issued(60))
    log.remember(issued(40))
    log.remember(issued(41))
    assert {each.window for each in log.matured(cut(HISTORY, 46))} == {0}
