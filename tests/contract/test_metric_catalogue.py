"""The README's table of metrics is the catalogue, row by row."""

from __future__ import annotations

from pathlib import Path

from pronoia.exposition.catalogue import catalogue_table

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- metrics:begin -->", "<!-- metrics:end -->"


def test_the_readme_lists_every_metric_as_declared() -> None:
    _, begin, after = README.read_text(encoding="utf-8").partition(BEGIN)
    table, end, _ = after.partition(END)
    assert begin, f"README.md has no {BEGIN}"
    assert end, f"README.md has no {END}"
    assert table.strip() == catalogue_table().strip(), "paste the output of `pronoia metrics` between the markers"
