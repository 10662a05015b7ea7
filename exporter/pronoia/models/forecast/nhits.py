"""N-HiTS: a small neural network, trained on each series' own windows (extra `neural`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.nhits_network import Network
    from pronoia.models.forecast.settings import ForecastSettings

# Horizons in a window; less where the history is short.
_WINDOW_HORIZONS = 2
_MIN_WINDOW = 8
# Windows that a history must hold at least.
_MIN_EXAMPLES = 8
# Curves end here: how far, in ranges of the history, above and below what was seen.
_REACH = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class FittedNhits:
    """A trained network, and the window before the origin."""

    network: Network
    window: NDArray[np.float64]
    n_ahead: int
    low: float
    high: float

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """The last value, then the network's curve, no further than one range of the history beyond it.

        The curve is held beyond the furthest step that was trained.
        """
        from pronoia.models.forecast.nhits_network import forecast

        ahead = forecast(self.network, self.window)[:n_steps]
        curve = np.clip(np.append(self.window[-1], ahead), self.low, self.high)
        return np.pad(curve, (0, n_steps - len(ahead)), mode="edge")

    def forward(self, values: NDArray[np.float64]) -> FittedNhits:
        """The same network, reading the window before a new origin."""
        return FittedNhits(self.network, values[-len(self.window) :].copy(), self.n_ahead, self.low, self.high)


class Nhits:
    """One network for each series: the windows of its own history are all it learns from.

    About two seconds a series with two weeks of five-minute steps, some tenfold of the other members.
    """

    def __init__(self, settings: ForecastSettings) -> None:
        self._n_ahead = settings.curve_steps

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedNhits:
        """Train on the windows of two horizons, less where the history is short.

        Raises:
            ModelError: if the history is too short.
        """
        del seasons
        room = len(values) - self._n_ahead - _MIN_EXAMPLES
        n_window = min(_WINDOW_HORIZONS * self._n_ahead, max(room, 0) * 2 // 3)
        if n_window < _MIN_WINDOW:
            needed = self._n_ahead + _MIN_EXAMPLES + -(-_MIN_WINDOW * 3 // 2)
            raise ModelError("nhits", f"{len(values)} values, at least {needed} are needed")
        from pronoia.models.forecast.nhits_network import train

        network = train(values, n_window, self._n_ahead)
        low, high = float(values.min()), float(values.max())
        reach = _REACH * (high - low)
        return FittedNhits(network, values[-n_window:].copy(), self._n_ahead, low - reach, high + reach)

    def __repr__(self) -> str:
        return f"Nhits(n_ahead={self._n_ahead})"
