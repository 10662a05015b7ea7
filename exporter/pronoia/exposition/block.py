"""Sample lines of one stage of a page, by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.exposition.text import format_labels, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.exposition.family import Family
    from pronoia.exposition.source_labels import SourceLabels

#: Lines with their line ends.
Block = dict["Family", list[str]]


def add_values(
    block: Block, family: Family, ours: Sequence[tuple[str, str]], values: NDArray[np.float64], labels: SourceLabels
) -> None:
    """One line for each series shown, but for those whose value is not known (NaN).

    Args:
        block: where they go; has the family.
        family: whose.
        ours: our labels.
        values: float64 (n_series,), one for each of the source's series.
        labels: how these are shown.
    """
    head = f"{family.name}{{{format_labels(ours)}"
    block[family].extend(
        f"{head}{suffix}{format_number(value)}\n"
        for suffix, value in zip(labels.suffixes, values[labels.kept].tolist(), strict=True)
        if value == value  # noqa: PLR0124 - NaN alone is not equal to itself
    )
