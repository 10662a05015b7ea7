"""Every feature has a phrase of its own that people can read."""

from __future__ import annotations

import re

import pytest

from pronoia.features.configured import SUMMARIES, ConfiguredFeatures, Trend
from pronoia.features.matrix import FEATURES
from pronoia.features.words import IN_WORDS, in_words


def test_every_feature_has_a_phrase_and_nothing_else_has() -> None:
    assert IN_WORDS.keys() == set(FEATURES)


def test_no_two_features_are_called_the_same() -> None:
    assert len(set(IN_WORDS.values())) == len(FEATURES)


@pytest.mark.parametrize("feature", FEATURES)
def test_phrases_are_short_plain_and_can_be_listed(feature: str) -> None:
    words = in_words(feature)
    assert re.fullmatch(r"[a-z0-9%' ]+", words)
    assert len(words) <= 100
    assert "  " not in words


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("load", "the load now"),
        ("load_lag_48", "the load 4 hours ago"),
        ("load_std_288", "how much the load varied in the last day"),
        ("n_high_12", "how long the load was at or above the threshold in the last hour"),
        ("day_7_max", "highest load at this time a week ago"),
        ("cycle_36_max", "highest load 3 hours before this time"),
        ("disk_read_change_3", "how disk reads rose or fell in the last 15 minutes"),
    ],
)
def test_slots_are_told_as_the_time_that_they_take(feature: str, words: str) -> None:
    assert in_words(feature) == words


def test_every_configured_feature_is_told_by_the_names_of_the_configuration() -> None:
    asked = ConfiguredFeatures(
        metrics=("disk_io",),
        n_summarised=1,
        windows=(("15_minutes", 3),),
        summaries=(*SUMMARIES, "percentile_5"),
        trends=(Trend("cpu_trend", 1, 3, is_slope=True),),
    )
    told = {name: in_words(name) for name in asked.names}
    assert told["configured_load_mean_15_minutes"] == "mean of load over 15 minutes"
    assert told["configured_disk_io_percentile_5_15_minutes"] == "percentile 5 of disk_io over 15 minutes"
    assert told["configured_cpu_trend"] == "cpu_trend of feature_engineering"
    assert len(set(told.values())) == len(asked.names)
    assert not any("configured" in words for words in told.values())


def test_what_is_no_feature_is_called_by_its_name() -> None:
    assert in_words("of_another_version") == "of_another_version"
