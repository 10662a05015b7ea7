"""HorizonRisks as plain arrays: trees as UBJSON, calibrations as numbers. No pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.features.labels import TARGETS
from pronoia.features.matrix import FEATURES
from pronoia.features.slots import WINDOWS
from pronoia.models.bottleneck.fitted import FittedRisk
from pronoia.models.bottleneck.horizons import HorizonRisks
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.classifiers.platt import PlattScaling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_NAME = "bottleneck"


def risks_to_arrays(risks: HorizonRisks) -> dict[str, NDArray[Any]]:
    """All that is needed to make them again, by name."""
    arrays: dict[str, NDArray[Any]] = {"features": np.array(FEATURES)}
    for target, windows in risks.risks.items():
        for number, risk in enumerate(windows):
            at = f"{target}/{number}"
            arrays |= {
                f"{at}/trees": np.frombuffer(risk.trees.to_bytes(), np.uint8),
                f"{at}/weights": risk.platt.weights,
                f"{at}/offset": np.array(risk.platt.offset),
                f"{at}/covariance": risk.platt.covariance,
            }
    return arrays


def risks_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> HorizonRisks:
    """What `risks_to_arrays` gave.

    Raises:
        ModelError: if something is missing or damaged, or it was fitted to other features than this version's.
    """
    if tuple(str(name) for name in arrays.get("features", ())) != FEATURES:
        raise ModelError(_NAME, "the saved classifiers know other features than this version computes")
    try:
        return HorizonRisks({target: _windows(arrays, target) for target in TARGETS})
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(_NAME, f"the saved classifiers are incomplete: {error}") from error


def _windows(arrays: Mapping[str, NDArray[Any]], target: str) -> tuple[FittedRisk, ...]:
    return tuple(_risk(arrays, target, number) for number in range(len(WINDOWS)))


def _risk(arrays: Mapping[str, NDArray[Any]], target: str, number: int) -> FittedRisk:
    at = f"{target}/{number}"
    trees = BoostedTrees.from_bytes(arrays[f"{at}/trees"].tobytes())
    platt = PlattScaling(arrays[f"{at}/weights"], float(arrays[f"{at}/offset"]), arrays[f"{at}/covariance"])
    return FittedRisk(target, WINDOWS[number], trees, platt)
