"""The names of metrics keep the conventions, those included that promtool does not check."""

from __future__ import annotations

import re

from pronoia.exposition.families import FAMILIES, OUR_PREDICTION_LABELS
from pronoia.exposition.family import Kind, Place

BASE_UNITS = {"", "source", "seconds", "bytes", "ratio"}
# https://prometheus.io/docs/practices/naming/: names that mean something to Prometheus or likely name targets.
RESERVED_LABELS = {
    "le",
    "quantile",
    "type",
    "region",
    "zone",
    "cluster",
    "service",
    "environment",
    "env",
    "job",
    "instance",
}


def test_names_are_unique_and_ours() -> None:
    names = [family.name for family in FAMILIES]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"pronoia(_[a-z]+)+", name) for name in names)


def test_counters_and_only_they_end_in_total() -> None:
    assert all(family.name.endswith("_total") == (family.kind is Kind.COUNTER) for family in FAMILIES)
    assert not any(family.name.endswith(("_sum", "_count", "_bucket")) for family in FAMILIES)


def test_units_are_base_units_and_stand_in_the_name() -> None:
    for family in FAMILIES:
        assert family.unit in BASE_UNITS
        if family.unit not in ("", "source"):
            assert f"_{family.unit}" in family.name, family.name


def test_help_is_a_sentence_that_both_formats_write_alike() -> None:
    for family in FAMILIES:
        assert family.help.endswith("."), family.name
        assert not set(family.help) & set('"\\\n'), family.name
        assert ("Cached" in family.help) == (family.place is Place.PREDICTIONS), family.name


def test_labels_are_few_and_of_names_free_of_other_meaning() -> None:
    for family in FAMILIES:
        assert len(family.labels) <= 3
        assert not set(family.labels) & RESERVED_LABELS
    assert {"query", "horizon", "threshold", "alertname", "severity", "stem"} == OUR_PREDICTION_LABELS
