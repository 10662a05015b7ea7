"""When each series of a query is fitted: new ones at once, the others again and again, evenly over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pronoia.series import LabelSet

# So many are refitted together where a query is large: fewer would start worker processes for next to nothing.
_TOGETHER = 64
# Once this share of the series is new, what comes next is spread anew.
_SPREAD_SHARE = 0.125


class FitSchedule:
    """Due times of a query's series; knows nothing of fits themselves.

    A query of up to 64 series is refitted as a whole every `every_seconds`. A larger one is refitted in as many turns
    as it takes, one after the other over that time; so are the series that all came at once, at the first fit, or are
    all overdue after a long rest. No series waits longer than `every_seconds` because of that.

    Args:
        every_seconds: how long a fit is used.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._labels: tuple[LabelSet, ...] = ()
        self._due_at: dict[LabelSet, float] = {}
        # Neither has taken a turn yet: the new were not tried, the young were found to be too young.
        self._new: set[LabelSet] = set()
        self._young: set[LabelSet] = set()
        self._in_hand: set[LabelSet] = set()
        self._n_joined = 0

    def __contains__(self, labels: object) -> bool:
        """Whether a series is there, as far as was told."""
        return labels in self._due_at

    @property
    def n_series(self) -> int:
        """Series that are there."""
        return len(self._due_at)

    @property
    def n_new(self) -> int:
        """Series that were not dealt with yet."""
        return len(self._new)

    def is_first(self, labels: LabelSet) -> bool:
        """Whether the next fit of this series is its first."""
        return labels in self._new or labels in self._young

    def see(self, labels: tuple[LabelSet, ...], now_seconds: float) -> None:
        """Tell which series there are: new ones are due at once, others leave."""
        if labels == self._labels:
            return
        self._labels = labels
        self._new.update(each for each in labels if each not in self._due_at)
        self._due_at = {each: self._due_at.get(each, now_seconds) for each in labels}
        self._new &= self._due_at.keys()
        self._young &= self._due_at.keys()

    def resume(self, fitted_at_seconds: Mapping[LabelSet, float], now_seconds: float) -> None:
        """Go on after a restart, before any series was seen; what is overdue is spread over half of the usual time.

        Fits so old that they would soon be of no use, or from the future, are due at once.
        """
        every = self._every_seconds
        for rank, (labels, at) in enumerate(sorted(fitted_at_seconds.items(), key=lambda item: item[1])):
            turn = now_seconds + 0.5 * every * rank / len(fitted_at_seconds)
            is_spread = 0.0 <= now_seconds - at <= 2.0 * every
            self._due_at[labels] = max(at + every, turn) if is_spread else now_seconds

    def is_due(self, now_seconds: float) -> bool:
        """Whether a series is due that is not in hand."""
        return any(self._is_due(at, now_seconds) and each not in self._in_hand for each, at in self._due_at.items())

    def take(self, now_seconds: float, at_most: int) -> list[LabelSet]:
        """Series to fit now, in hand until `done` or `put_off`; the longest due first.

        With those that are due come others that would soon be: they share the start of a worker process.
        """
        free = {each: at for each, at in self._due_at.items() if each not in self._in_hand}
        due = {each for each, at in free.items() if self._is_due(at, now_seconds)}
        soon = now_seconds
        if not all(map(self.is_first, due)):
            soon += self._every_seconds / self._n_turns(self.n_series)
        taken = [each for each, at in free.items() if each in due or (at <= soon and not self.is_first(each))]
        taken = sorted(taken, key=lambda each: self._due_at[each])[:at_most]
        self._in_hand.update(taken)
        return taken

    def done(self, labels: Iterable[LabelSet], now_seconds: float) -> None:
        """These were fitted, or cannot be; they are due again a while later."""
        for each in labels:
            self._in_hand.discard(each)
            if each not in self._due_at:
                continue
            turn = now_seconds if self.is_first(each) else min(self._due_at[each], now_seconds)
            # A turn that was late does not move the next one, unless that is past already.
            again = turn + self._every_seconds
            self._due_at[each] = again if again > now_seconds else now_seconds + self._every_seconds
            self._n_joined += self.is_first(each)
            self._new.discard(each)
            self._young.discard(each)
        if not self._new and self._n_joined > _SPREAD_SHARE * self.n_series:
            self._spread(now_seconds)

    def put_off(self, labels: Iterable[LabelSet], until_seconds: float) -> None:
        """These are too young to be fitted."""
        for each in labels:
            self._in_hand.discard(each)
            if each in self._due_at:
                self._due_at[each] = until_seconds
                self._new.discard(each)
                self._young.add(each)

    def _is_due(self, at: float, now_seconds: float) -> bool:
        # Further ahead than any turn lies: the clock was set back.
        return not now_seconds < at <= now_seconds + self._every_seconds

    def _spread(self, now_seconds: float) -> None:
        """Nothing becomes due later than it is, so that no fit grows older than it may."""
        self._n_joined = 0
        order = sorted((each for each in self._due_at if each not in self._young), key=lambda each: self._due_at[each])
        n_turns = self._n_turns(len(order))
        for rank, each in enumerate(order):
            turn = now_seconds + self._every_seconds * (rank * n_turns // len(order) + 1) / n_turns
            self._due_at[each] = min(self._due_at[each], turn)

    @staticmethod
    def _n_turns(n_series: int) -> int:
        return max(-(-n_series // _TOGETHER), 1)
