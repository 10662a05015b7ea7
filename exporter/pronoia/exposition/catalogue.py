"""The catalogue of metrics as a Markdown table: for `pronoia metrics` and the README."""

from __future__ import annotations

from pronoia.exposition.families import FAMILIES
from pronoia.exposition.family import Family, Place


def catalogue_table() -> str:
    """All families, in the order of their declaration, one row each; ends with a line break."""
    header = "| metric | type | labels | found at | meaning |\n|---|---|---|---|---|\n"
    return header + "".join(f"| {' | '.join(_row(family))} |\n" for family in FAMILIES)


def _row(family: Family) -> tuple[str, ...]:
    labels = [f"`{label}`" for label in family.labels] + (["source labels"] if family.keeps_source_labels else [])
    place = "remote-read" if family.place is Place.REMOTE_READ else f"`{family.place}`"
    # That predictions are cached is said once in the README, not in every row.
    meaning, _, _ = family.help.partition(" Cached,")
    return f"`{family.name}`", family.kind.value, ", ".join(labels), place, meaning
