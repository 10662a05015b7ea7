"""Fitted risks in one file: trees as UBJSON, networks as plain arrays, inside a numpy archive. No pickle."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError, StateError
from pronoia.models.bottleneck.risk_arrays import risk_from_arrays, risk_to_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.models.bottleneck.fitted import FittedRisk

_FORMAT = 2


def save_risks(path: Path, risks: Mapping[str, FittedRisk]) -> None:
    """Write risks by target, atomically.

    Raises:
        StateError: if the file cannot be written.
    """
    arrays: dict[str, np.ndarray] = {"format": np.array(_FORMAT), "targets": np.array(sorted(risks))}
    for target, risk in risks.items():
        arrays |= risk_to_arrays(target, risk)
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
        return {str(target): risk_from_arrays(str(target), str(target), arrays) for target in arrays["targets"]}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, ModelError) as error:
        raise StateError(f"{path} holds no fitted risks: {error}") from error
