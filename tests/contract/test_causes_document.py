"""docs/causes.md lists what each feature is called; UPDATE_GOLDEN=1 writes the table anew."""

from __future__ import annotations

import os
from pathlib import Path

from pronoia.features.matrix import FEATURES
from pronoia.features.words import in_words

PAGE = Path(__file__).parents[2] / "docs" / "causes.md"
_HEAD = "| cause | in words |\n|---|---|\n"


def test_the_page_lists_every_feature_with_its_words() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, head, table = text.partition(_HEAD)
    assert head
    wanted = "".join(f"| `{feature}` | {in_words(feature)} |\n" for feature in FEATURES)
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(before + head + wanted, encoding="utf-8")
        table = wanted
    assert table == wanted
