"""Who speaks in a backtest, and what they say of each system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.failure.episodes import is_repaired
from pronoia.models.failure.fit import FailureRows, calibrate, fit_failure
from pronoia.models.failure.shipped import shipped_prior

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.failure.recorded import SystemRecord
    from pronoia.models.failure.fitted import FailureModel

# Parts of the horizon: the whole; and from where on an alarm leaves time, to where it hardly comes too early.
_TIMES = np.array([0.2, 0.5, 1.0])
#: What can be said by those who speak: that it fails within the horizon, and that it does in time to act upon.
IN_TIME = " in time"


def known_rows(system: SystemRecord) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which slots have features and a known outcome, and whether it failed within the horizon, bool (n_slots,) each.

    The last horizon has no known negatives, and while a system is repaired nothing is learnt.
    """
    ahead = system.next_event_seconds - system.at_seconds
    happened = ahead <= system.horizon_seconds
    is_known = happened | (system.at_seconds <= system.at_seconds[-1] - system.horizon_seconds)
    return is_known & is_repaired(system) & np.isfinite(system.features[:, 0]), happened


def rows_of(systems: Sequence[SystemRecord]) -> FailureRows:
    """All known rows of some systems."""
    known = [known_rows(system) for system in systems]
    return FailureRows(
        np.concatenate([system.features[which] for system, (which, _) in zip(systems, known, strict=True)]),
        np.concatenate([happened[which] for which, happened in known]),
        np.concatenate([np.full(int(which.sum()), number) for number, (which, _) in enumerate(known)]),
        sum(len(system.events_seconds) for system in systems),
    )


def fit_speakers(systems: Sequence[SystemRecord], seed: int = 0) -> dict[str, FailureModel]:
    """The trend and the prior, each calibrated on these systems, and the model that learnt from them."""
    rows, prior = rows_of(systems), shipped_prior()
    return {
        "trend": calibrate(rows),
        "prior": calibrate(rows, prior),
        "model": fit_failure(rows, seed=seed, prior=prior),
    }


def say(speakers: Mapping[str, FailureModel], system: SystemRecord) -> dict[str, NDArray[np.float64]]:
    """What each says, float64 (n_slots,): that it fails within the horizon, and that it does in time to act upon.

    The latter is the probability of the time between a fifth of the horizon, so that an alarm leaves time, and half of
    it, so that it does not come too early: the definition of an episode that is right has both ends. The trend knows
    no such thing, its curve being of one shape.
    """
    said = {}
    for name, model in speakers.items():
        soon, later, within = model.within(system.features, _TIMES).probability.T
        said[name] = within
        if model.prior is not None:
            said[f"{name}{IN_TIME}"] = later - soon
    return said
