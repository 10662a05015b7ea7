"""A sequence read by an LSTM (torch).

Reference:
    Hochreiter, Schmidhuber, Long short-term memory, Neural Computation 9, 1997.
"""

from __future__ import annotations

import torch
from torch import nn


class LstmEncoder(nn.Module):
    """Two layers of 128 units; what the upper one holds after the newest step."""

    width = 128

    def __init__(self, n_steps: int, n_channels: int) -> None:
        super().__init__()
        del n_steps
        self.lstm = nn.LSTM(n_channels, self.width, num_layers=2, batch_first=True, dropout=0.2)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        """Summary (n, width) of sequences (n, n_steps, n_channels)."""
        newest: torch.Tensor = self.lstm(steps)[0][:, -1]
        return newest
