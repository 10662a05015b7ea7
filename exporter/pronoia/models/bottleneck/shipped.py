"""The bottleneck prior that ships with the package: one file, whose checksum is verified when it is read."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays

if TYPE_CHECKING:
    from pronoia.models.bottleneck.horizons import HorizonRisks

_MAGIC = b"pronoia-bottleneck 1\n"
_DIGEST_BYTES = 32
_NAME = "bottleneck"


@cache
def shipped_risks() -> HorizonRisks:
    """The shipped classifiers; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    try:
        data = files("pronoia").joinpath("_data", "bottleneck.bin").read_bytes()
    except OSError as error:
        raise ModelError(_NAME, f"the shipped classifiers cannot be read: {error}") from error
    return unpack_risks(data)


def pack_risks(risks: HorizonRisks) -> bytes:
    """Classifiers as a file: a format line, a SHA-256 digest, and a compressed numpy archive without objects."""
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **risks_to_arrays(risks))
    body = packed.getvalue()
    return _MAGIC + hashlib.sha256(body).digest() + body


def unpack_risks(data: bytes) -> HorizonRisks:
    """The classifiers of a file that `pack_risks` made.

    Raises:
        ModelError: if the file is damaged, or does not hold this version's classifiers.
    """
    if not data.startswith(_MAGIC):
        raise ModelError(_NAME, f"does not begin with {_MAGIC.decode().strip()!r}: of another version, or damaged")
    start = len(_MAGIC) + _DIGEST_BYTES
    body = data[start:]
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise ModelError(_NAME, "the checksum does not match: the file is damaged")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            return risks_from_arrays({name: archive[name] for name in archive.files})
    except (ValueError, zipfile.BadZipFile) as error:
        raise ModelError(_NAME, f"is no archive of numbers: {error}") from error
