"""What of a query survives a restart: its fits, and what was learnt from its forecasts."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pronoia.errors import StateError
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.pipeline.query_settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.storage.state import StateStore, StoredState

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SavedQuery:
    """What was saved of a query.

    Args:
        fitted: its fits.
        learnt: arrays of `QueryLearning`; None if there are none.
    """

    fitted: FittedForecasts
    learnt: Mapping[str, NDArray[Any]] | None


class QueryState:
    """Two files for a query: its fits, which are large, and what is learnt every few minutes.

    Args:
        query: whose state.
        store: where it is kept; None keeps none.
    """

    def __init__(self, query: ResolvedQuery, store: StateStore | None) -> None:
        self._name = query.name
        self._fingerprint = fingerprint(query)
        self._store = store
        self._saved_fit: FittedForecasts | None = None

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept at all."""
        return self._store is not None

    def is_other(self, fitted: FittedForecasts) -> bool:
        """Whether these fits are others than those saved last."""
        return fitted is not self._saved_fit

    def save_fits(self, fitted: FittedForecasts) -> None:
        """Keep the fits, if they are others than last time.

        Raises:
            StateError: if they cannot be written.
        """
        if self._store is not None and self.is_other(fitted):
            self._store.save(f"fitted {self._name}", fitted.to_arrays(), {"fingerprint": self._fingerprint})
            self._saved_fit = fitted

    def save_learnt(self, learnt: Mapping[str, NDArray[Any]]) -> None:
        """Keep what was learnt.

        Raises:
            StateError: if it cannot be written.
        """
        if self._store is not None:
            self._store.save(f"learnt {self._name}", learnt, {"fingerprint": self._fingerprint})

    def load(self) -> SavedQuery | None:
        """What was saved, if it is of the same expression, fitted in the same way."""
        if (saved := self._load("fitted")) is None:
            return None
        try:
            self._saved_fit = FittedForecasts.from_arrays(saved.arrays)
        except StateError as error:
            _log.warning("query %s: saved state is of no use, models are fitted anew: %s", self._name, error)
            return None
        learnt = self._load("learnt")
        return SavedQuery(self._saved_fit, learnt.arrays if learnt else None)

    def _load(self, part: str) -> StoredState | None:
        state = self._store.load(f"{part} {self._name}") if self._store else None
        return state if state and state.meta.get("fingerprint") == self._fingerprint else None


def fingerprint(query: ResolvedQuery) -> str:
    """What must be the same for saved state to be of use: the expression and everything that shapes a fit."""
    settings = settings_of(query)
    facts = [query.expr, query.upstream, *(getattr(settings, name) for name in settings.__slots__)]
    facts += [repr(event) for event in query.events]
    return hashlib.sha256(json.dumps(facts, default=asdict).encode()).hexdigest()
