"""The bottleneck prior that ships with the package: one file, whose checksum is verified when it is read."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.models.sealed_file import SealedFile

if TYPE_CHECKING:
    from pronoia.models.bottleneck.horizons import HorizonRisks

_FILE = SealedFile("bottleneck", 1)


@cache
def shipped_risks() -> HorizonRisks:
    """The shipped classifiers; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    return unpack_risks(_FILE.read())


def pack_risks(risks: HorizonRisks) -> bytes:
    """Classifiers as a file: a compressed numpy archive without objects."""
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **risks_to_arrays(risks))
    return _FILE.seal(packed.getvalue())


def unpack_risks(data: bytes) -> HorizonRisks:
    """The classifiers of a file that `pack_risks` made.

    Raises:
        ModelError: if the file is damaged, or does not hold this version's classifiers.
    """
    try:
        with np.load(io.BytesIO(_FILE.unseal(data)), allow_pickle=False) as archive:
            return risks_from_arrays({name: archive[name] for name in archive.files})
    except (ValueError, zipfile.BadZipFile) as error:
        raise ModelError(_FILE.model, f"is no archive of numbers: {error}") from error
