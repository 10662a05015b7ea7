"""N-HiTS in torch: stacks that read a window at several resolutions, and forecast at as many.

Reference:
    Challu, Olivares, Oreshkin, Garza, Mergenthaler-Canseco, Dubrawski, N-HiTS: Neural hierarchical interpolation for
    time series forecasting, AAAI 2023, sections 3.2 to 3.5.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

# Of each stack: values of the window that are pooled to one, and steps of the forecast that one coefficient spans.
_STACKS = ((16, 48), (4, 12), (1, 1))
_WIDTH = 64
_TRAINING_STEPS = 150
_BATCH = 32
_LEARNING_RATE = 2e-3
_SEED = 0


class Block(nn.Module):
    """One stack: pool the window, two layers, coefficients that are interpolated to a backcast and a forecast."""

    def __init__(self, n_window: int, n_ahead: int, pooled: int, spanned: int) -> None:
        super().__init__()
        self.n_window, self.n_ahead = n_window, n_ahead
        self.pool = nn.MaxPool1d(pooled, ceil_mode=True)
        self.n_forecast = max(-(-n_ahead // spanned), 1)
        n_pooled = -(-n_window // pooled)
        self.layers = nn.Sequential(nn.Linear(n_pooled, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU())
        self.backcast = nn.Linear(_WIDTH, max(-(-n_window // spanned), 1))
        self.forecast = nn.Linear(_WIDTH, self.n_forecast)

    def forward(self, window: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Backcast (n, n_window) and forecast (n, n_ahead) of windows (n, n_window)."""
        hidden = self.layers(self.pool(window[:, None])[:, 0])
        return _drawn(self.backcast(hidden), self.n_window), _drawn(self.forecast(hidden), self.n_ahead)


class Network(nn.Module):
    """The stacks, each reading what those before it left over; a window is read relative to its median."""

    def __init__(self, n_window: int, n_ahead: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(n_window, n_ahead, *stack) for stack in _STACKS])

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        """Forecasts (n, n_ahead) of windows (n, n_window)."""
        level = window.median(dim=1, keepdim=True).values
        rest, total = window - level, level
        for block in self.blocks:
            backcast, forecast = block(rest)
            rest, total = rest - backcast, total + forecast
        return total


def train(values: np.ndarray, n_window: int, n_ahead: int) -> Network:
    """Least absolute error over random windows of one series; the same series gives the same network.

    Args:
        values: float64 (n_values,), of order one, longer than n_window + n_ahead.
        n_window: values that are read.
        n_ahead: steps that are forecast.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        network = Network(n_window, n_ahead)
        pieces = torch.from_numpy(values.astype(np.float32)).unfold(0, n_window + n_ahead, 1)
        optimiser = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3.0 * _LEARNING_RATE, total_steps=_TRAINING_STEPS)
        for _ in range(_TRAINING_STEPS):
            batch = pieces[torch.randint(len(pieces), (_BATCH,))]
            loss = (network(batch[:, :n_window]) - batch[:, n_window:]).abs().mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    network.eval()
    return network


def forecast(network: Network, window: np.ndarray) -> np.ndarray:
    """What follows one window, float64 (n_ahead,)."""
    with torch.inference_mode():
        result: np.ndarray = network(torch.from_numpy(window.astype(np.float32))[None])[0].double().numpy()
    return result


def _drawn(coefficients: torch.Tensor, n_steps: int) -> torch.Tensor:
    """Coefficients (n, n_coefficients) spread evenly over n_steps, linear between them."""
    return nn.functional.interpolate(coefficients[:, None], size=n_steps, mode="linear", align_corners=False)[:, 0]
