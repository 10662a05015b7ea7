from __future__ import annotations

from pronoia.config.pruned import prune

TREE = {"forecast": {"horizon": "x", "horizons": ["1h", "y"]}, "queries": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}


def test_the_tree_itself_is_left_alone() -> None:
    before = repr(TREE)
    prune(TREE, [("forecast",), ("queries", 0)])
    assert repr(TREE) == before


def test_a_wrong_entry_of_a_plain_list_takes_the_list_with_it() -> None:
    pruned = prune(TREE, [("forecast", "horizons", 1)])
    assert pruned.tree["forecast"] == {"horizon": "x"}
    assert pruned.spoils(("forecast", "horizons"))
    assert not pruned.spoils(("forecast", "horizon"))


def test_positions_are_those_of_the_file_after_entries_went() -> None:
    pruned = prune(TREE, [("queries", 0), ("queries", 1, "expr")])
    assert pruned.tree["queries"] == [{"name": "b"}, {"name": "c"}]
    assert pruned.original(("queries", 1, "name")) == ("queries", 2, "name")
    assert pruned.original(("forecast", "horizon")) == ("forecast", "horizon")


def test_a_list_that_lost_all_its_entries_is_gone() -> None:
    assert "queries" not in prune(TREE, [("queries", position) for position in range(3)]).tree


def test_a_star_stands_for_every_position() -> None:
    pruned = prune(TREE, [("queries", 1, "name")])
    assert pruned.spoils(("queries", "*", "name"))
    assert not pruned.spoils(("queries", "*", "expr"))


def test_nothing_is_left_when_the_root_is_wrong() -> None:
    assert prune(TREE, [()]).tree == {}
