from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.models.forecast.prior.network import weight_shapes
from pronoia.models.forecast.prior.shipped import pack_weights, shipped_network, unpack_weights

LARGEST_BYTES = 1_100_000


def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape) for name, shape in weight_shapes(N_HISTORY, N_HORIZON).items()}


def test_the_shipped_file_is_small_and_fits_this_code() -> None:
    assert len(files("pronoia").joinpath("_data", "prior.bin").read_bytes()) < LARGEST_BYTES
    assert set(shipped_network().weights) == set(weight_shapes(N_HISTORY, N_HORIZON))


def test_the_shipped_file_is_read_once() -> None:
    assert shipped_network() is shipped_network()


def test_what_was_packed_comes_back_in_half_precision() -> None:
    packed = weights()
    for name, value in unpack_weights(pack_weights(packed)).weights.items():
        np.testing.assert_array_equal(value, packed[name].astype(np.float16).astype(np.float32))


def test_the_same_weights_are_the_same_file() -> None:
    assert pack_weights(weights()) == pack_weights(dict(reversed(weights().items())))


@pytest.mark.parametrize("at", [60, 1_000, -1])
def test_a_damaged_file_is_refused(at: int) -> None:
    damaged = bytearray(pack_weights(weights()))
    damaged[at] ^= 1
    with pytest.raises(ModelError, match="checksum does not match"):
        unpack_weights(bytes(damaged))


@pytest.mark.parametrize("data", [b"", b"pronoia-prior 2\n" + b"x" * 100, b"PK\x03\x04"])
def test_a_file_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="of another version, or damaged"):
        unpack_weights(data)


def test_weights_of_another_network_are_refused_by_name() -> None:
    other = weights()
    other["out.weight"] = other["out.weight"][:, 1:]
    del other["gate.bias"]
    with pytest.raises(ModelError, match=r"gate\.bias, out\.weight do not fit"):
        unpack_weights(pack_weights(other))
