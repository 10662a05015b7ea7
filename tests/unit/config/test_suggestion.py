from __future__ import annotations

from pronoia.config.suggestion import did_you_mean, nearest


def test_separators_and_case_do_not_hide_a_word() -> None:
    assert nearest("Node_Exporter", ["node-exporter", "cadvisor"]) == "node-exporter"


def test_unlike_words_are_not_suggested() -> None:
    assert nearest("zzz", ["horizon"]) is None
    assert did_you_mean("zzz", ["horizon", "step"]) == "; known are horizon, step"


def test_a_word_that_is_known_twice_is_named_once() -> None:
    assert did_you_mean("zzz", ["q", "q"]) == "; known are q"
