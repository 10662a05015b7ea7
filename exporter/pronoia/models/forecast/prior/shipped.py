"""The prior that ships with the package: one file of arrays, whose checksum is verified when it is read."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.models.forecast.prior.network import PriorNetwork, weight_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_MAGIC = b"pronoia-prior 1\n"
_DIGEST_BYTES = 32
_NAME = "prior"


@cache
def shipped_network() -> PriorNetwork:
    """The shipped network; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    try:
        data = files("pronoia").joinpath("_data", "prior.bin").read_bytes()
    except OSError as error:
        raise ModelError(_NAME, f"the shipped weights cannot be read: {error}") from error
    return unpack_weights(data)


def pack_weights(weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """Weights as a file: a format line, a SHA-256 digest, and a numpy archive in half precision."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **{name: value.astype(np.float16) for name, value in sorted(weights.items())})
    body = packed.getvalue()
    return _MAGIC + hashlib.sha256(body).digest() + body


def unpack_weights(data: bytes) -> PriorNetwork:
    """The network of a file that `pack_weights` made.

    Raises:
        ModelError: if the file is damaged, or does not hold this version's network.
    """
    start = len(_MAGIC) + _DIGEST_BYTES
    body = data[start:]
    if not data.startswith(_MAGIC):
        raise ModelError(
            _NAME, f"weights do not begin with {_MAGIC.decode().strip()!r}: of another version, or damaged"
        )
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise ModelError(_NAME, "the checksum of the weights does not match: the file is damaged")
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        weights = {name: archive[name].astype(np.float32) for name in archive.files}
    wanted = weight_shapes(N_HISTORY, N_HORIZON)
    found = {name: value.shape for name, value in weights.items()}
    if found != wanted:
        wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        raise ModelError(_NAME, f"weights of another network: {', '.join(wrong)} do not fit")
    return PriorNetwork(weights)
