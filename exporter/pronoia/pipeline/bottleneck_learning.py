"""What one resource's probabilities teach once their time has come: how good they are, and a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.exposition.text import format_horizon
from pronoia.features.slots import WEEK, WINDOWS
from pronoia.learning.risk_calibration import OnlineScaling
from pronoia.learning.risk_outcomes import RiskLog
from pronoia.learning.risk_quality import RiskQuality
from pronoia.models.bottleneck.horizons import HORIZON_SLOTS, Hazards
from pronoia.predictions.bottleneck import RISK_TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.features.recent import RecentLoad
    from pronoia.learning.risk_outcomes import IssuedRisks
    from pronoia.models.bottleneck.horizons import HorizonRisks

# Outcomes of a week ago count half.
_FORGOTTEN_PER_SLOT = 1.0 - 0.5 ** (1.0 / WEEK)
# Warnings are of half an hour, and count from a quarter of one on.
_WARNED_WINDOW = 1
_LEAST_LEAD_SLOTS = 3


class BottleneckLearning:
    """Remembers, compares, corrects. Not to be shared by threads.

    Args:
        resource: whose.
        telemetry: told how good the probabilities turned out.
    """

    def __init__(self, resource: ResolvedResource, telemetry: Telemetry) -> None:
        self._resource = resource
        self._telemetry = telemetry
        self._log = RiskLog()
        self._scaling = OnlineScaling(len(RISK_TARGETS) * len(WINDOWS))
        self._quality = RiskQuality(len(RISK_TARGETS), len(WINDOWS), resource.warning)
        self._learnt_of: HorizonRisks | None = None
        self._last_slot = 0
        # Sum of leads and number of overloads that were warned of.
        self._leads = np.zeros(2)

    def corrected(self, hazards: Hazards) -> Hazards:
        """The hazards as their outcomes until now say that they should be; order and bounds stay."""
        columns = [np.empty_like(hazards.point) for _ in range(3)]
        for t in range(len(RISK_TARGETS)):
            for k in range(len(WINDOWS)):
                for column, said in zip(columns, (hazards.point, hazards.lower, hazards.upper), strict=True):
                    column[:, t, k] = self._scaling.corrected(_classifier(t, k), said[:, t, k])
        return Hazards(*columns)

    def remember(self, issued: IssuedRisks) -> None:
        """Keep what was said until it can be judged."""
        self._log.remember(issued)

    def observe(self, recent: RecentLoad, risks: HorizonRisks) -> None:
        """Judge what has come due, once a slot.

        Args:
            recent: of the resource, up to now.
            risks: the classifiers in use: of others, the correction says nothing.
        """
        if self._learnt_of is not risks:
            if self._learnt_of is not None:
                self._scaling = OnlineScaling(len(RISK_TARGETS) * len(WINDOWS))
            self._learnt_of = risks
        slot = recent.grid.end_ms // recent.grid.step_ms
        if slot == self._last_slot:
            return
        n_slots = min(max(slot - self._last_slot, 0), WEEK) if self._last_slot else 0
        self._last_slot = slot
        for sums in (self._scaling, self._quality):
            sums.forget(1.0 - (1.0 - _FORGOTTEN_PER_SLOT) ** n_slots)
        n_matured = 0
        for each in self._log.matured(recent):
            n_matured += len(each.within)
            self._scaling.add(
                _classifier(each.target, each.window), each.hazard[each.at_risk], each.happened[each.at_risk]
            )
            self._quality.add(each.target, each.window, each.within, each.happened_within)
        self._tell(recent, n_matured)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What was learnt, as plain arrays; what has not come due is not among it."""
        return {"counts": self._scaling.counts, "sums": self._quality.sums, "leads": self._leads}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take up what `to_arrays` gave; what does not fit is left."""
        for name, target in (("counts", self._scaling.counts), ("sums", self._quality.sums), ("leads", self._leads)):
            saved = arrays.get(name)
            if saved is not None and saved.shape == target.shape and np.isfinite(saved).all():
                target[...] = saved

    def _tell(self, recent: RecentLoad, n_matured: int) -> None:
        slot_seconds = self._resource.slot_seconds
        leads = [
            lead * slot_seconds if lead >= _LEAST_LEAD_SLOTS else 0
            for lead in self._log.leads(recent, self._resource.warning, _WARNED_WINDOW)
        ]
        self._leads += (sum(leads), sum(lead > 0 for lead in leads))
        scores = {
            (format_horizon(HORIZON_SLOTS[k] * slot_seconds), target): self._quality.score(t, k)
            for t, target in enumerate(RISK_TARGETS)
            for k in range(len(WINDOWS))
        }
        n_corrected = sum(
            self._scaling.line(classifier) != (1.0, 0.0) for classifier in range(len(self._scaling.counts))
        )
        self._telemetry.on_bottleneck_quality(
            self._resource.name,
            scores,
            n_matured=n_matured,
            n_corrected=n_corrected,
            leads_seconds=leads,
            mean_lead_seconds=float(self._leads[0] / self._leads[1]) if self._leads[1] else float("nan"),
        )


def _classifier(target: int, window: int) -> int:
    return target * len(WINDOWS) + window
