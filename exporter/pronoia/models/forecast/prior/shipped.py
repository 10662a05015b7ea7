"""The prior that ships with the package: one file of arrays, whose checksum is verified when it is read."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.models.forecast.prior.network import PriorNetwork, weight_shapes
from pronoia.models.sealed_file import SealedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_FILE = SealedFile("prior", 1)


@cache
def shipped_network() -> PriorNetwork:
    """The shipped network; read once.

    Raises:
        ModelError: if the file is missing, damaged or of another version.
    """
    return unpack_weights(_FILE.read())


def pack_weights(weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """Weights as a file: a numpy archive in half precision."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **{name: value.astype(np.float16) for name, value in sorted(weights.items())})
    return _FILE.seal(packed.getvalue())


def unpack_weights(data: bytes) -> PriorNetwork:
    """The network of a file that `pack_weights` made.

    Raises:
        ModelError: if the file is damaged, or does not hold this version's network.
    """
    with np.load(io.BytesIO(_FILE.unseal(data)), allow_pickle=False) as archive:
        weights = {name: archive[name].astype(np.float32) for name in archive.files}
    wanted = weight_shapes(N_HISTORY, N_HORIZON)
    found = {name: value.shape for name, value in weights.items()}
    if found != wanted:
        wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        raise ModelError(_FILE.model, f"weights of another network: {', '.join(wrong)} do not fit")
    return PriorNetwork(weights)
