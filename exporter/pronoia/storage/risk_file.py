"""Fitted risks in one file: trees as UBJSON inside a numpy archive. No pickle."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError, StateError
from pronoia.features.matrix import FEATURES
from pronoia.features.slots import Window
from pronoia.models.bottleneck.fitted import FittedRisk
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.classifiers.platt import PlattScaling

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = 1


def save_risks(path: Path, risks: Mapping[str, FittedRisk]) -> None:
    """Write risks by target, atomically.

    Raises:
        StateError: if the file cannot be written.
    """
    arrays: dict[str, np.ndarray] = {"format": np.array(_FORMAT), "targets": np.array(sorted(risks))}
    for target, risk in risks.items():
        arrays |= {
            f"{target}/trees": np.frombuffer(risk.trees.to_bytes(), np.uint8),
            f"{target}/window": np.array([risk.window.first, risk.window.last]),
            f"{target}/weights": risk.platt.weights,
            f"{target}/offset": np.array(risk.platt.offset),
            f"{target}/covariance": risk.platt.covariance,
        }
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


def _risk(arrays: Mapping[str, np.ndarray], target: str) -> FittedRisk:
    trees = BoostedTrees.from_bytes(arrays[f"{target}/trees"].tobytes())
    if trees.features != FEATURES:
        raise ModelError("bottleneck", "it was fitted to other features than this version computes")
    first, last = (int(slot) for slot in arrays[f"{target}/window"])
    platt = PlattScaling(arrays[f"{target}/weights"], float(arrays[f"{target}/offset"]), arrays[f"{target}/covariance"])
    return FittedRisk(target, Window(first, last), trees, platt)
