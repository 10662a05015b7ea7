"""A network that reads a sequence beside a row of features, and how it is trained (torch)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from pronoia.errors import ModelError
from pronoia.models.classifiers.lstm import LstmEncoder
from pronoia.models.classifiers.transformer import TransformerEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.classifiers.sequence_network import NetworkRows, NetworkSettings

_ENCODERS: dict[str, type[LstmEncoder | TransformerEncoder]] = {
    "lstm": LstmEncoder,
    "transformer": TransformerEncoder,
}
_HIDDEN = 64
_DROPOUT = 0.2
# Slots that are read at once: three of five minutes say as much as one step as apart, in a third of the time.
_SLOTS_PER_STEP = 3
_WEIGHT_DECAY = 1e-3
_LARGEST_GRADIENT = 1.0
_JUDGED_PER_EPOCH = 2
_JUDGED_AT_ONCE = 256


class Network(nn.Module):
    """Log-odds from a sequence and a row of features that are already of order one."""

    def __init__(self, kind: str, n_slots: int, n_channels: int, n_features: int) -> None:
        super().__init__()
        self.encoder = _ENCODERS[kind](n_slots // _SLOTS_PER_STEP, n_channels * _SLOTS_PER_STEP)
        self.tabular = nn.Sequential(nn.Linear(n_features, _HIDDEN), nn.ReLU(), nn.Dropout(_DROPOUT))
        self.head = nn.Sequential(nn.Linear(self.encoder.width + _HIDDEN, _HIDDEN), nn.ReLU(), nn.Dropout(_DROPOUT))
        self.out = nn.Linear(_HIDDEN, 1)

    def forward(self, sequences: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Log-odds (n,) of sequences (n, n_slots, n_channels) and values (n, n_features)."""
        n, n_slots, n_channels = sequences.shape
        steps = sequences.reshape(n, n_slots // _SLOTS_PER_STEP, n_channels * _SLOTS_PER_STEP)
        hidden = self.head(torch.cat([self.encoder(steps), self.tabular(values)], dim=1))
        said: torch.Tensor = self.out(hidden)[:, 0]
        return said


def train(
    kind: str, rows: NetworkRows, later: NetworkRows, settings: NetworkSettings
) -> dict[str, NDArray[np.float32]]:
    """The weights, by name, that had the least log-loss on the later rows; the same for the same rows and seed."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    n_batches = max(len(rows.happened) // settings.batch, 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        _, n_slots, n_channels = rows.sequences.shape
        network = Network(kind, n_slots, n_channels, rows.values.shape[1]).to(device)
        mean = float(np.average(rows.happened, weights=rows.weights))
        nn.init.constant_(network.out.bias, float(np.log(mean / (1.0 - mean))))
        optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=_WEIGHT_DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.learning_rate, total_steps=n_batches * settings.n_epochs, pct_start=0.2
        )
        sequences, values, happened, weights = (torch.from_numpy(each).to(device) for each in _floats(rows))
        least, best = np.inf, copy.deepcopy(network.state_dict())
        for _ in range(settings.n_epochs):
            order = torch.randperm(len(happened))
            for batch in range(n_batches):
                network.train()
                which = order[batch * settings.batch : (batch + 1) * settings.batch].to(device)
                said = network(sequences[which], values[which])
                losses = nn.functional.binary_cross_entropy_with_logits(said, happened[which], reduction="none")
                optimiser.zero_grad()
                (losses * weights[which]).mean().backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
                optimiser.step()
                schedule.step()
                if (batch + 1) % -(-n_batches // _JUDGED_PER_EPOCH) == 0 or batch + 1 == n_batches:
                    loss = _log_loss(network, later, device)
                    if loss < least:
                        least, best = loss, copy.deepcopy(network.state_dict())
    return {name: tensor.cpu().numpy() for name, tensor in best.items()}


class Speaker:
    """A trained network, asked on the processor: a batch is too small for a GPU to be worth the way there.

    Args:
        kind: of the network.
        weights: by name.
        shape: of a sequence, (n_slots, n_channels).
        n_features: columns of the features.

    Raises:
        ModelError: if the weights are not those of such a network.
    """

    def __init__(
        self, kind: str, weights: Mapping[str, NDArray[np.float32]], shape: tuple[int, ...], n_features: int
    ) -> None:
        n_slots, n_channels = shape
        self._network = Network(kind, n_slots, n_channels, n_features)
        try:
            self._network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        except RuntimeError as error:
            raise ModelError("sequence-network", f"the saved weights do not fit: {error}") from error

    def log_odds(self, sequences: NDArray[np.float32], values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds, float64 (n,)."""
        # A few hundred rows are too little for several threads: waiting for each other costs more than it saves.
        n_threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return _said(self._network, sequences, values, "cpu").astype(np.float64)
        finally:
            torch.set_num_threads(n_threads)


def _said(
    network: Network, sequences: NDArray[np.float32], values: NDArray[np.float32], device: str
) -> NDArray[np.float32]:
    network.eval()
    with torch.inference_mode():
        said = network(torch.from_numpy(sequences).to(device), torch.from_numpy(values).to(device))
    array: NDArray[np.float32] = said.cpu().numpy()
    return array


def _floats(rows: NetworkRows) -> tuple[NDArray[np.float32], ...]:
    # Weights around one: the step size is meant for those.
    return (
        rows.sequences,
        rows.values,
        rows.happened.astype(np.float32),
        (rows.weights / rows.weights.mean()).astype(np.float32),
    )


def _log_loss(network: Network, rows: NetworkRows, device: str) -> float:
    losses = []
    for first in range(0, len(rows.happened), _JUDGED_AT_ONCE):
        part = slice(first, first + _JUDGED_AT_ONCE)
        said = _said(network, rows.sequences[part], rows.values[part], device).astype(np.float64)
        losses.append(np.logaddexp(0.0, np.where(rows.happened[part], -said, said)))
    return float(np.average(np.concatenate(losses), weights=rows.weights))
