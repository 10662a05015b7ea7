"""The members of a blend by name: how each is fitted, and made again from what was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import ModelError
from pronoia.features.matrix import FEATURES
from pronoia.models.classifiers.boosted_trees import BoostedTrees, fit_trees
from pronoia.models.classifiers.fit_network import fit_network
from pronoia.models.classifiers.hazard import HazardModel, fit_hazard
from pronoia.models.classifiers.sequence_network import NETWORKS, SequenceNetwork, has_torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.models.bottleneck.fit import RiskSettings
    from pronoia.models.bottleneck.training_rows import TrainingRows
    from pronoia.models.classifiers.classifier import Classifier

#: All members there are. Trees are always among those of a risk, and the first.
MEMBERS: tuple[str, ...] = ("trees", *NETWORKS, "hazard")


def available_members(members: Sequence[str]) -> tuple[str, ...]:
    """Those that can be fitted here: networks need torch, the extra `neural`."""
    return tuple(name for name in members if name not in NETWORKS or has_torch())


def fit_member(name: str, rows: TrainingRows, later: TrainingRows, settings: RiskSettings) -> Classifier:
    """Fit one of `MEMBERS` to rows, and stop by later ones.

    Raises:
        ModelError: if there is no such member, a library is missing, or there is nothing to tell apart.
    """
    if name == "trees":
        names = rows.features.names
        judged = (later.features.of(names), later.happened, later.weights)
        return fit_trees(
            rows.features.values, rows.happened, rows.weights, judged, features=names, settings=settings.trees
        )
    # The others weigh all that they are given, and do best with what has proved its worth.
    values = rows.features.of(FEATURES)
    if name == "hazard":
        return fit_hazard(values, rows.happened, rows.weights, features=FEATURES)
    if name in NETWORKS and rows.features.sequences and later.features.sequences:
        return fit_network(
            name,
            values=values,
            read=rows.features.sequences,
            happened=rows.happened,
            weights=rows.weights,
            later=(later.features.of(FEATURES), later.features.sequences, later.happened, later.weights),
            features=FEATURES,
            settings=settings.network,
        )
    raise ModelError("bottleneck", f"no member {name!r} can be fitted; known are {', '.join(MEMBERS)}")


def member_from_bytes(name: str, raw: bytes, known: tuple[str, ...] = FEATURES) -> Classifier:
    """What the member's `to_bytes` gave.

    Args:
        name: of `MEMBERS`.
        raw: what it was saved as.
        known: the features that are computed.

    Raises:
        ModelError: if it is not that, or was fitted to other features than this version computes.
    """
    member: Classifier
    if name == "trees":
        member = BoostedTrees.from_bytes(raw)
    elif name == "hazard":
        member = HazardModel.from_bytes(raw)
    elif name in NETWORKS:
        member = SequenceNetwork.from_bytes(raw)
    else:
        raise ModelError("bottleneck", f"no member {name!r}; known are {', '.join(MEMBERS)}")
    absent = [feature for feature in member.features if feature not in known]
    if absent:
        raise ModelError("bottleneck", f"features it was fitted to are not computed: {', '.join(absent[:3])}")
    return member
