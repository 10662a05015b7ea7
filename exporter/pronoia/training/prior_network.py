"""The prior's network in torch, and its training."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.models.forecast.prior.network import CODE, DECILES, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.training.prior_examples import Examples

_MEDIAN = len(DECILES) // 2


class TorchPrior(nn.Module):
    """The network of `pronoia.models.forecast.prior.network`, trainable; parameter names are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList([nn.Linear(N_HISTORY, WIDTH), nn.Linear(WIDTH, WIDTH)])
        self.code = nn.Linear(WIDTH, CODE)
        self.gate = nn.Linear(N_HORIZON, CODE)
        self.shift = nn.Linear(N_HORIZON, CODE)
        self.residual = nn.ModuleList([nn.Linear(CODE, CODE), nn.Linear(CODE, CODE)])
        self.out = nn.Linear(CODE, len(DECILES))
        self.history_skip = nn.Linear(N_HISTORY, 1)
        self.horizon_skip = nn.Linear(N_HORIZON, 1)
        self.activation = nn.GELU(approximate="tanh")

    def forward(self, history: torch.Tensor, horizon: torch.Tensor) -> torch.Tensor:
        """Deciles (n, n_targets, 9) from history (n, 267) and horizon (n, n_targets, 37) inputs."""
        hidden = history
        for layer in self.encoder:
            hidden = self.activation(layer(hidden))
        code = self.code(hidden)[:, None, :]
        hidden = code * (1.0 + torch.tanh(self.gate(horizon))) + self.shift(horizon)
        for layer in self.residual:
            hidden = hidden + layer(self.activation(hidden))
        hidden = self.activation(hidden)
        with torch.autocast(history.device.type, enabled=False):
            return self._deciles(hidden.float(), history, horizon)

    def _deciles(self, hidden: torch.Tensor, history: torch.Tensor, horizon: torch.Tensor) -> torch.Tensor:
        raw = self.out(hidden)
        median = raw[..., _MEDIAN : _MEDIAN + 1] + self.history_skip(history)[:, None, :] + self.horizon_skip(horizon)
        steps = nn.functional.softplus(torch.cat([raw[..., :_MEDIAN], raw[..., _MEDIAN + 1 :]], dim=-1))
        below = -steps[..., :_MEDIAN].flip(-1).cumsum(-1).flip(-1)
        above = steps[..., _MEDIAN:].cumsum(-1)
        deciles: torch.Tensor = median + torch.cat([below, torch.zeros_like(median), above], dim=-1)
        return deciles


def pinball(deciles: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean pinball loss over the deciles (R. Koenker, G. Bassett, "Regression quantiles", 1978)."""
    levels = torch.tensor(DECILES, device=deciles.device)
    miss = targets[..., None] - deciles
    return torch.maximum(levels * miss, (levels - 1.0) * miss).mean()


def train_prior(
    draw: Callable[[], Examples],
    n_steps: int,
    *,
    steps_per_draw: int,
    batch: int = 256,
    peak_rate: float = 1.5e-3,
    averaging: float = 0.999,
    seed: int = 0,
    report: Callable[[str], None] = print,
) -> dict[str, NDArray[np.float32]]:
    """Train on examples drawn anew every so often.

    Args:
        draw: gives examples; called before the first step and every `steps_per_draw` steps.
        n_steps: batches.
        steps_per_draw: batches between draws.
        batch: examples per batch.
        peak_rate: of AdamW, after a warm-up; falls along a cosine.
        averaging: of the weights that are returned, exponential.
        seed: of the initial weights and the order.
        report: told of progress.

    Returns:
        weights by name, as `PriorNetwork` takes them.
    """
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = TorchPrior().to(device)
    averaged = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak_rate, weight_decay=0.01)
    order = torch.Generator().manual_seed(seed)
    examples: dict[str, torch.Tensor] = {}
    losses: list[float] = []
    started = time.monotonic()
    for step in range(n_steps):
        if step % steps_per_draw == 0:
            drawn = draw()
            examples = {name: torch.from_numpy(getattr(drawn, name)) for name in ("history", "horizon", "targets")}
        rate = peak_rate * min(1.0, (step + 1) / 500) * 0.5 * (1.0 + math.cos(math.pi * step / n_steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        rows = torch.randint(len(examples["targets"]), (batch,), generator=order)
        history, horizon, targets = (examples[name][rows].to(device) for name in ("history", "horizon", "targets"))
        # Half the bits give twice the speed; the weights, and what is added up, keep all of theirs.
        with torch.autocast(device, dtype=torch.bfloat16):
            deciles = network(history, horizon)
        loss = pinball(deciles, targets)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        keep = min(averaging, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                averaged[name].lerp_(value, 1.0 - keep)
        losses.append(float(loss.detach()))
        if (step + 1) % 500 == 0:
            report(f"step {step + 1}/{n_steps}: loss {np.mean(losses[-500:]):.5f}, {time.monotonic() - started:.0f} s")
    return {name: value.cpu().numpy() for name, value in averaged.items()}
