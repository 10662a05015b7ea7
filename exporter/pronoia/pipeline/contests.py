"""When a series holds a contest of all members again, and when the last winner is refitted as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pronoia.series import LabelSet

#: Each sixth fit of a series is a contest: what wins seldom changes within hours, and asking is most of a fit's cost.
CONTEST_EVERY = 6


class Contests:
    """Counts the fits of each series since its last contest; knows nothing of fits themselves.

    Args:
        every: how many fits of a series there are from one contest to the next, that one included.
    """

    def __init__(self, every: int = CONTEST_EVERY) -> None:
        self._every = every
        self._n_since: dict[LabelSet, int] = {}

    def resume(self, labels: Sequence[LabelSet]) -> None:
        """Go on after a restart: nobody knows when the last contests were, so the next ones are spread."""
        self._n_since = {each: rank % self._every for rank, each in enumerate(labels)}

    def incumbents(self, winners: Mapping[LabelSet, str], labels: Iterable[LabelSet]) -> dict[LabelSet, str]:
        """Of the series that are fitted now, those without a contest, and who won their last one.

        Args:
            winners: member in use, by series.
            labels: the series that are fitted now.
        """
        kept: dict[LabelSet, str] = {}
        for each in labels:
            n_since = self._n_since.get(each, self._every) + 1
            if n_since < self._every and each in winners:
                kept[each] = winners[each]
                self._n_since[each] = n_since
            else:
                self._n_since[each] = 0
        return kept

    def forget(self, labels: Iterable[LabelSet]) -> None:
        """These series are gone."""
        for each in labels:
            self._n_since.pop(each, None)
