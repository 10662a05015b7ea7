"""Telling a caller what an answer held that a frame of floats cannot hold."""

from __future__ import annotations

from collections.abc import Callable

#: Called with the number of native histogram samples left out of one answer, when there are any. A selector may
#: match both kinds of series; failing the float ones because of the others would help nobody.
HistogramListener = Callable[[int], None]


def ignore_histograms(n_samples: int) -> None:
    """Take no notice."""
