"""The source labels of one query's series, spelled out once and kept while the series stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.exposition.families import OUR_BAND_LABELS, OUR_PREDICTION_LABELS
from pronoia.exposition.text import exposed_labels, format_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.predictions.forecast import QueryForecast
    from pronoia.series.labels import LabelSet


def our_labels(each: QueryForecast) -> frozenset[str]:
    """Names that labels of the query's series give way to."""
    return OUR_BAND_LABELS if each.bands else OUR_PREDICTION_LABELS


@dataclass(frozen=True, slots=True, eq=False)
class SourceLabels:
    """How the series of one query are shown.

    Args:
        source: all label sets, as the forecast has them.
        kept: int64 (n_kept,), numbers of the series shown: of those that look alike once shown, the first.
        suffixes: n_kept ends of sample lines up to the value: `,instance="a"} `.
        suffix_of: the same by source label set.
        n_renamed: kept series with a renamed label.
        ours: names that labels of the source gave way to.
    """

    source: tuple[LabelSet, ...]
    kept: NDArray[np.int64]
    suffixes: tuple[str, ...]
    suffix_of: dict[LabelSet, str]
    n_renamed: int
    ours: frozenset[str] = OUR_PREDICTION_LABELS

    @classmethod
    def of(
        cls,
        source: tuple[LabelSet, ...],
        before: SourceLabels | None = None,
        ours: frozenset[str] = OUR_PREDICTION_LABELS,
    ) -> SourceLabels:
        """Spell out label sets, or take over `before` if it is about the same series in the same order."""
        if before is not None and before.ours == ours and (before.source is source or before.source == source):
            return before
        first: dict[str, int] = {}
        n_renamed = 0
        for number, labels in enumerate(source):
            shown, renamed = exposed_labels(labels, ours)
            suffix = f",{format_labels(shown.pairs)}}} " if shown else "} "
            if first.setdefault(suffix, number) == number:
                n_renamed += renamed
        return cls(
            source,
            np.fromiter(first.values(), np.int64, len(first)),
            tuple(first),
            {source[number]: suffix for suffix, number in first.items()},
            n_renamed,
            ours,
        )

    @property
    def n_duplicates(self) -> int:
        """Series left out because another one looks the same without its metric name."""
        return len(self.source) - len(self.suffixes)
