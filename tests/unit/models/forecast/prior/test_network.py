from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.models.forecast.prior.network import CODE, DECILES, PriorNetwork, weight_shapes


def random_network(seed: int = 0) -> PriorNetwork:
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(N_HISTORY, N_HORIZON)
    return PriorNetwork({name: rng.normal(0.0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()})


def random_inputs(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    history = rng.normal(size=(5, N_HISTORY)).astype(np.float32)
    return history, rng.normal(size=(5, 7, N_HORIZON)).astype(np.float32)


def test_deciles_rise() -> None:
    network = random_network()
    history, horizon = random_inputs()
    deciles = network.deciles(network.encode(history), horizon)
    assert deciles.shape == (5, 7, len(DECILES))
    assert (np.diff(deciles, axis=2) >= 0.0).all()


def test_each_target_is_answered_for_itself() -> None:
    network = random_network()
    history, horizon = random_inputs()
    code = network.encode(history)
    assert code.shape == (5, CODE + 1)
    together = network.deciles(code, horizon)
    alone = network.deciles(code[2:3], horizon[2:3, 4:5])
    np.testing.assert_allclose(together[2, 4], alone[0, 0], rtol=1e-4, atol=1e-5)


def test_numpy_and_torch_agree() -> None:
    torch = pytest.importorskip("torch")
    from pronoia.training.prior_network import TorchPrior

    network = random_network()
    trainable = TorchPrior()
    trainable.load_state_dict({name: torch.from_numpy(value) for name, value in network.weights.items()})
    history, horizon = random_inputs()
    with torch.no_grad():
        theirs = trainable(torch.from_numpy(history), torch.from_numpy(horizon)).numpy()
    np.testing.assert_allclose(network.deciles(network.encode(history), horizon), theirs, rtol=1e-3, atol=1e-4)
