"""A fitted risk as plain arrays: trees as UBJSON, networks and calibrations as numbers. No pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.features.matrix import FEATURES
from pronoia.features.slots import Window
from pronoia.models.bottleneck.fitted import FittedRisk, Partner
from pronoia.models.bottleneck.members import member_from_bytes
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.classifiers.isotonic import IsotonicScaling
from pronoia.models.classifiers.platt import PlattScaling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def risk_to_arrays(at: str, risk: FittedRisk) -> dict[str, NDArray[Any]]:
    """All that is needed to make it again; names begin with `at/`."""
    classifiers = [risk.trees, *(partner.classifier for partner in risk.partners)]
    members = {
        f"{at}/member/{name}": np.frombuffer(classifier.to_bytes(), np.uint8)
        for name, classifier in zip(risk.members, classifiers, strict=True)
    }
    calibrations = {
        name: array
        for prefix, platt in (("blend", risk.platt), *((f"own/{i}", own) for i, own in enumerate(risk.own)))
        for name, array in (
            (f"{at}/{prefix}/weights", platt.weights),
            (f"{at}/{prefix}/offset", np.array(platt.offset)),
            (f"{at}/{prefix}/covariance", platt.covariance),
        )
    }
    curve = risk.isotonic
    return {
        f"{at}/members": np.array(risk.members),
        f"{at}/window": np.array([risk.window.first, risk.window.last]),
        f"{at}/isotonic": np.array([]) if curve is None else np.stack([curve.log_odds, curve.probabilities]),
        **members,
        **calibrations,
    }


def risk_from_arrays(
    at: str, target: str, arrays: Mapping[str, NDArray[Any]], known: tuple[str, ...] = FEATURES
) -> FittedRisk:
    """What `risk_to_arrays` gave; `known` are the features that are computed.

    Raises:
        ModelError: if a member is damaged, or knows other features than this version computes.
        KeyError, ValueError: if something is missing, or of another shape.
    """
    names = tuple(str(name) for name in arrays[f"{at}/members"])
    trees, *others = (member_from_bytes(name, arrays[f"{at}/member/{name}"].tobytes(), known) for name in names)
    if not isinstance(trees, BoostedTrees):
        raise ModelError("bottleneck", f"the members are {', '.join(names)}; trees must be the first")
    first, last = (int(slot) for slot in arrays[f"{at}/window"])
    curve = arrays[f"{at}/isotonic"]
    return FittedRisk(
        target,
        Window(first, last),
        trees,
        _platt(arrays, f"{at}/blend", len(names)),
        tuple(Partner(name, classifier) for name, classifier in zip(names[1:], others, strict=True)),
        tuple(_platt(arrays, f"{at}/own/{i}", 1) for i in range(len(names)) if others),
        IsotonicScaling(curve[0], curve[1]) if len(curve) else None,
    )


def _platt(arrays: Mapping[str, NDArray[Any]], name: str, n_members: int) -> PlattScaling:
    weights, covariance = arrays[f"{name}/weights"], arrays[f"{name}/covariance"]
    if weights.shape != (n_members,) or covariance.shape != (n_members + 1, n_members + 1):
        raise ModelError("bottleneck", f"the calibration {name} is not of {n_members} member(s)")
    return PlattScaling(weights, float(arrays[f"{name}/offset"]), covariance)
