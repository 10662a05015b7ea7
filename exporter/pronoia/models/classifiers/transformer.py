"""A sequence read by a Transformer's encoder (torch).

Reference:
    Vaswani et al., Attention is all you need, NeurIPS 2017; layers are normalised first, as in Xiong et al., ICML 2020.
"""

from __future__ import annotations

import torch
from torch import nn

_HEADS = 4


class TransformerEncoder(nn.Module):
    """Two layers of 64 channels with learnt positions; the mean over the steps beside what stands at the newest."""

    width = 128

    def __init__(self, n_steps: int, n_channels: int) -> None:
        super().__init__()
        inner = self.width // 2
        self.project = nn.Linear(n_channels, inner)
        self.positions = nn.Parameter(torch.randn(n_steps, inner) * 0.02)
        layer = nn.TransformerEncoderLayer(
            inner, _HEADS, dim_feedforward=2 * inner, dropout=0.1, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        """Summary (n, width) of sequences (n, n_steps, n_channels)."""
        read = self.encoder(self.project(steps) + self.positions)
        return torch.cat([read.mean(dim=1), read[:, -1]], dim=1)
