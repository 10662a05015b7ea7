"""What of a failure survives a restart: the rows that were learnt from, and the model of them."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

from pronoia.errors import ModelError
from pronoia.models.failure.fitted import FailureModel
from pronoia.models.failure.learnt_rows import LearntRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.models.failure.learn import LearntFit
    from pronoia.storage.state import StateStore

_log = logging.getLogger(__name__)


class FailureState:
    """One file for a failure, written after each fit.

    Args:
        failure: whose.
        store: where it is kept; None keeps none.
    """

    def __init__(self, failure: ResolvedFailure, store: StateStore | None) -> None:
        self._name = failure.name
        self._store = store
        facts = (
            [(each.name, each.expr, each.upstream, each.limit) for each in failure.signals],
            [(each.expr, each.upstream) for each in failure.conditions],
            failure.horizons_seconds,
        )
        self._fingerprint = hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept at all."""
        return self._store is not None

    def save(self, fit: LearntFit, fitted_at_seconds: float) -> None:
        """Keep what became of a fit.

        Raises:
            StateError: if it cannot be written.
        """
        if self._store is not None:
            arrays = _prefixed("rows", fit.rows) | _prefixed("model", fit.model or {})
            meta = {"fitted_at": fitted_at_seconds, "is_learnt": fit.model is not None}
            self._store.save(f"failure {self._name}", arrays, {**meta, "fingerprint": self._fingerprint})

    def load(self) -> tuple[LearntRows, FailureModel | None, float] | None:
        """Rows, model and when it was fitted, as saved of the same signals and conditions, if they can be used."""
        saved = self._store.load(f"failure {self._name}") if self._store else None
        if saved is None or saved.meta.get("fingerprint") != self._fingerprint:
            return None
        try:
            rows = LearntRows.from_arrays(_of(saved.arrays, "rows"))
            model = FailureModel.from_arrays(_of(saved.arrays, "model")) if saved.meta["is_learnt"] else None
            return rows, model, float(saved.meta["fitted_at"])
        except (ModelError, KeyError, ValueError) as error:
            _log.warning("failure %s: what was saved of it is of no use: %s", self._name, error)
            return None


def _prefixed(part: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{part}/{name}": array for name, array in arrays.items()}


def _of(arrays: Mapping[str, NDArray[Any]], part: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(f"{part}/"): each for name, each in arrays.items() if name.startswith(f"{part}/")}
