"""The prior's network, run with numpy.

A history goes through an encoder once; each target joins it with its own inputs. Out come nine deciles, in the units
of `history_inputs` (asinh of the distance from the centre, in scales).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Levels of the network's quantiles.
DECILES = tuple(i / 10 for i in range(1, 10))
#: Numbers per layer of the encoder, and of everything after it.
WIDTH, CODE = 256, 192
_MEDIAN = len(DECILES) // 2


def weight_shapes(n_history: int, n_horizon: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights by name, for so many inputs.

    >>> sum(int(np.prod(shape)) for shape in weight_shapes(267, 37).values())
    274491
    """
    layers = {
        "encoder.0": (n_history, WIDTH),
        "encoder.1": (WIDTH, WIDTH),
        "code": (WIDTH, CODE),
        "gate": (n_horizon, CODE),
        "shift": (n_horizon, CODE),
        "residual.0": (CODE, CODE),
        "residual.1": (CODE, CODE),
        "out": (CODE, len(DECILES)),
        "history_skip": (n_history, 1),
        "horizon_skip": (n_horizon, 1),
    }
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (n_in, n_out) in layers.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n_out, n_in), (n_out,)
    return shapes


@dataclass(frozen=True, slots=True, eq=False)
class PriorNetwork:
    """Weights by name, float32; `shapes` in the training code says which there are."""

    weights: Mapping[str, NDArray[np.float32]]

    def encode(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network makes of histories, float32 (n_anchors, 193): the code and a first word on the median."""
        hidden = _gelu(self._linear("encoder.0", inputs))
        hidden = _gelu(self._linear("encoder.1", hidden))
        return np.concatenate([self._linear("code", hidden), self._linear("history_skip", inputs)], axis=1)

    def deciles(self, code: NDArray[np.float32], horizon: NDArray[np.float32]) -> NDArray[np.float32]:
        """Deciles of targets.

        Args:
            code: float32 (n_anchors, 193) from `encode`.
            horizon: float32 (n_anchors, n_horizons, 37).

        Returns:
            float32 (n_anchors, n_horizons, 9), never falling along the last axis.
        """
        n_anchors, n_horizons, _ = horizon.shape
        targets = horizon.reshape(n_anchors * n_horizons, -1)
        codes = np.repeat(code, n_horizons, axis=0)
        hidden = self._linear("gate", targets)
        np.tanh(hidden, out=hidden)
        np.add(hidden, 1.0, out=hidden)
        hidden *= codes[:, :-1]
        hidden += self._linear("shift", targets)
        for layer in ("residual.0", "residual.1"):
            np.add(hidden, self._linear(layer, _gelu(hidden)), out=hidden)
        raw = self._linear("out", _gelu(hidden))
        median = raw[:, _MEDIAN] + codes[:, -1] + self._linear("horizon_skip", targets)[:, 0]
        steps = _softplus(np.delete(raw, _MEDIAN, axis=1))
        below = -np.cumsum(steps[:, :_MEDIAN][:, ::-1], axis=1)[:, ::-1]
        above = np.cumsum(steps[:, _MEDIAN:], axis=1)
        spread = np.concatenate([below, np.zeros((len(raw), 1), np.float32), above], axis=1)
        deciles: NDArray[np.float32] = median[:, None] + spread
        return deciles.reshape(n_anchors, n_horizons, -1)

    def _linear(self, name: str, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = inputs @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return result


def _gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    # The tanh form: D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016. In place, which is half the time.
    gate = x * x
    gate *= 0.044715 * 0.7978845608
    gate += 0.7978845608
    gate *= x
    np.tanh(gate, out=gate)
    gate += 1.0
    gate *= x
    gate *= 0.5
    return gate


def _softplus(x: NDArray[np.float32]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = np.logaddexp(np.float32(0.0), x)
    return result
