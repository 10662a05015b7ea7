"""What of a resource survives a restart: its local classifiers, and what was learnt of their probabilities."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

from pronoia.errors import ModelError
from pronoia.features.matrix import FEATURES
from pronoia.models.bottleneck.members import available_members
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.predictions.bottleneck import RiskModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.models.bottleneck.horizons import HorizonRisks
    from pronoia.storage.state import StateStore, StoredState

_log = logging.getLogger(__name__)


class BottleneckState:
    """Two files for a resource: its classifiers, and what is learnt every few minutes.

    Args:
        resource: whose.
        store: where they are kept; None keeps none.
    """

    def __init__(self, resource: ResolvedResource, store: StateStore | None) -> None:
        self._name = resource.name
        self._known = FEATURES + resource.features.asked.names
        self._members = available_members(resource.members)
        self._blend = [list(resource.blend), resource.is_blend_fitted]
        self._store = store
        facts = (
            resource.expr,
            resource.upstream,
            resource.threshold,
            resource.hold_slots,
            resource.clean_slots,
            resource.slot_seconds,
            resource.companions,
            resource.model,
            resource.warning,
            resource.features.asked.names,
            [metric.formula for metric in resource.features.metrics],
        )
        self._fingerprint = hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept at all."""
        return self._store is not None

    def save_model(self, risks: HorizonRisks, told: RiskModel) -> None:
        """Keep local classifiers.

        Raises:
            StateError: if they cannot be written.
        """
        meta: dict[str, Any] = {"source": told.source, "fitted_at": told.fitted_at_seconds, "n_events": told.n_events}
        meta["blend"] = self._blend
        self._save("model", risks_to_arrays(risks), meta)

    def save_learnt(self, learnt: Mapping[str, NDArray[Any]], told: RiskModel) -> None:
        """Keep what was learnt of the probabilities of a model.

        Raises:
            StateError: if it cannot be written.
        """
        self._save("learnt", learnt, {"of": [told.source, told.fitted_at_seconds]})

    def load_model(self) -> tuple[HorizonRisks, RiskModel] | None:
        """The classifiers that were saved of the same resource, if they can be used."""
        if (saved := self._load("model")) is None:
            return None
        try:
            meta = saved.meta
            told = RiskModel(str(meta["source"]), float(meta["fitted_at"]), int(meta["n_events"]))
            risks = risks_from_arrays(saved.arrays, self._known)
        except (ModelError, KeyError, ValueError) as error:
            _log.warning("bottleneck %s: its saved classifiers are of no use: %s", self._name, error)
            return None
        # The extra is gone, or they are no longer wanted.
        if unwanted := sorted(risks.members - set(self._members)):
            _log.warning(
                "bottleneck %s: its saved classifiers are of no use: they hold %s, and %s may speak",
                self._name,
                ", ".join(unwanted),
                ", ".join(self._members),
            )
            return None
        # The weights of the blend are part of the classifiers; earlier versions did not tell them.
        if meta.get("blend", self._blend) != self._blend:
            _log.info("bottleneck %s: its saved classifiers are left: bottleneck.blend was another", self._name)
            return None
        return risks, told

    def load_learnt(self, told: RiskModel) -> Mapping[str, NDArray[Any]] | None:
        """What was learnt of the probabilities of this model."""
        saved = self._load("learnt")
        return saved.arrays if saved and saved.meta.get("of") == [told.source, told.fitted_at_seconds] else None

    def _save(self, part: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        if self._store is not None:
            self._store.save(f"bottleneck {part} {self._name}", arrays, {**meta, "fingerprint": self._fingerprint})

    def _load(self, part: str) -> StoredState | None:
        state = self._store.load(f"bottleneck {part} {self._name}") if self._store else None
        return state if state and state.meta.get("fingerprint") == self._fingerprint else None
