"""Where the current snapshot lives: written by the scheduler, read by the web."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.predictions.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.exposition.page import Page


@dataclass(frozen=True, slots=True)
class _Published:
    snapshot: Snapshot
    page: Page


class Holder:
    """The snapshot on show and its rendered page, swapped together by one assignment.

    Args:
        render: formats a snapshot as of a Unix time; called once per publication, and once more when a forecast
            passes its `max_age` before the next publication, so that it is withdrawn on time.
    """

    def __init__(self, render: Callable[[Snapshot, float], Page]) -> None:
        self._render = render
        self._swapping = threading.Lock()
        nothing = Snapshot(0.0)
        self._published = _Published(nothing, render(nothing, 0.0))

    def publish(self, snapshot: Snapshot, now_seconds: float) -> None:
        """Show a snapshot from now on."""
        page = self._render(snapshot, now_seconds)
        # A scrape that is just withdrawing something from the page before must not put that back afterwards.
        with self._swapping:
            self._published = _Published(snapshot, page)

    @property
    def is_filled(self) -> bool:
        """Whether a snapshot was ever published."""
        return self._published.snapshot.taken_at_seconds > 0.0

    def snapshot(self, now_seconds: float) -> Snapshot:
        """What may be shown at this time: the published snapshot less what has passed its `max_age`."""
        return self._published.snapshot.current(now_seconds)

    def page(self, now_seconds: float) -> Page:
        """The rendered predictions as of this time; a copy unless something has to be withdrawn."""
        published = self._published
        if now_seconds <= published.page.expires_at_seconds:
            return published.page
        with self._swapping:
            published = self._published
            if now_seconds > published.page.expires_at_seconds:
                kept = published.snapshot.current(now_seconds)
                self._published = published = _Published(kept, self._render(kept, now_seconds))
            return published.page
