"""SnapshotApi: what listings of predictions have in common."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.predictions.snapshot import Snapshot
    from pronoia.web.parameters import SnapshotSource


class SnapshotApi:
    """Answers from the current snapshot, in the envelope of Prometheus' HTTP API; nothing is predicted here.

    Args:
        source: holds the snapshot.
        clock: Unix time in seconds.
    """

    def __init__(self, source: SnapshotSource, clock: Callable[[], float] = time.time) -> None:
        self._source = source
        self._clock = clock

    @property
    def shown(self) -> Snapshot:
        """What may be shown now."""
        return self._source.snapshot(self._clock())
