from __future__ import annotations

from pronoia.pipeline.contests import Contests
from pronoia.series import LabelSet

ONE, OTHER = LabelSet({"i": "1"}), LabelSet({"i": "2"})
WINNERS = {ONE: "ets", OTHER: "ensemble"}


def test_the_first_fit_is_a_contest_and_then_each_third() -> None:
    contests = Contests(every=3)
    kept = [contests.incumbents(WINNERS, [ONE]) for _ in range(7)]
    assert [bool(each) for each in kept] == [False, True, True, False, True, True, False]
    assert kept[1] == {ONE: "ets"}


def test_each_series_has_contests_of_its_own() -> None:
    contests = Contests(every=2)
    contests.incumbents(WINNERS, [ONE])
    assert contests.incumbents(WINNERS, [ONE, OTHER]) == {ONE: "ets"}


def test_a_series_without_a_winner_holds_a_contest() -> None:
    contests = Contests(every=3)
    contests.incumbents({}, [ONE])
    assert contests.incumbents({}, [ONE]) == {}


def test_contests_are_spread_after_a_restart() -> None:
    series = [LabelSet({"i": str(i)}) for i in range(12)]
    contests = Contests(every=3)
    contests.resume(series)
    winners = dict.fromkeys(series, "ets")
    held = [len(series) - len(contests.incumbents(winners, series)) for _ in range(3)]
    assert held == [4, 4, 4]


def test_a_series_that_left_and_came_back_is_new() -> None:
    contests = Contests(every=3)
    contests.incumbents(WINNERS, [ONE])
    contests.forget([ONE])
    assert contests.incumbents(WINNERS, [ONE]) == {}
