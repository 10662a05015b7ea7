"""Fitted risks in one file: trees as UBJSON, networks as plain arrays, inside a numpy archive. No pickle."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError, StateError
from pronoia.features.slots import Window
from pronoia.models.bottleneck.fitted import FittedRisk, Partner
from pronoia.models.bottleneck.members import member_from_bytes
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.classifiers.isotonic import IsotonicScaling
from pronoia.models.classifiers.platt import PlattScaling

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = 2


def save_risks(path: Path, risks: Mapping[str, FittedRisk]) -> None:
    """Write risks by target, atomically.

    Raises:
        StateError: if the file cannot be written.
    """
    arrays: dict[str, np.ndarray] = {"format": np.array(_FORMAT), "targets": np.array(sorted(risks))}
    for target, risk in risks.items():
        arrays |= _arrays(target, risk)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        Path(name).replace(path)
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error}") from error


def load_risks(path: Path) -> dict[str, FittedRisk]:
    """Read what `save_risks` wrote.

    Raises:
        StateError: if the file cannot be read, is none of ours, or speaks of other features.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if int(arrays["format"]) != _FORMAT:
            raise StateError(f"{path} has format {int(arrays['format'])}, {_FORMAT} is needed")
        return {str(target): _risk(arrays, str(target)) for target in arrays["targets"]}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, ModelError) as error:
        raise StateError(f"{path} holds no fitted risks: {error}") from error


def _arrays(target: str, risk: FittedRisk) -> dict[str, np.ndarray]:
    classifiers = [risk.trees, *(partner.classifier for partner in risk.partners)]
    members = {
        f"{target}/member/{name}": np.frombuffer(classifier.to_bytes(), np.uint8)
        for name, classifier in zip(risk.members, classifiers, strict=True)
    }
    calibrations = {
        name: array
        for prefix, platt in (("blend", risk.platt), *((f"own/{i}", own) for i, own in enumerate(risk.own)))
        for name, array in (
            (f"{target}/{prefix}/weights", platt.weights),
            (f"{target}/{prefix}/offset", np.array(platt.offset)),
            (f"{target}/{prefix}/covariance", platt.covariance),
        )
    }
    curve = risk.isotonic
    return {
        f"{target}/members": np.array(risk.members),
        f"{target}/window": np.array([risk.window.first, risk.window.last]),
        f"{target}/isotonic": np.array([]) if curve is None else np.stack([curve.log_odds, curve.probabilities]),
        **members,
        **calibrations,
    }


def _risk(arrays: Mapping[str, np.ndarray], target: str) -> FittedRisk:
    names = tuple(str(name) for name in arrays[f"{target}/members"])
    trees, *others = (member_from_bytes(name, arrays[f"{target}/member/{name}"].tobytes()) for name in names)
    if not isinstance(trees, BoostedTrees):
        raise ModelError("bottleneck", f"the members are {', '.join(names)}; trees must be the first")
    first, last = (int(slot) for slot in arrays[f"{target}/window"])
    curve = arrays[f"{target}/isotonic"]
    return FittedRisk(
        target,
        Window(first, last),
        trees,
        _platt(arrays, f"{target}/blend", len(names)),
        tuple(Partner(name, classifier) for name, classifier in zip(names[1:], others, strict=True)),
        tuple(_platt(arrays, f"{target}/own/{i}", 1) for i in range(len(names)) if others),
        IsotonicScaling(curve[0], curve[1]) if len(curve) else None,
    )


def _platt(arrays: Mapping[str, np.ndarray], name: str, n_members: int) -> PlattScaling:
    weights, covariance = arrays[f"{name}/weights"], arrays[f"{name}/covariance"]
    if weights.shape != (n_members,) or covariance.shape != (n_members + 1, n_members + 1):
        raise ModelError("bottleneck", f"the calibration {name} is not of {n_members} member(s)")
    return PlattScaling(weights, float(arrays[f"{name}/offset"]), covariance)
