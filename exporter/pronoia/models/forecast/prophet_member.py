"""Prophet: a piecewise linear trend and Fourier seasons.

The extra `prophet` (MIT; its wheel brings a compiled CmdStan, BSD-3) adds about 200 MB, Matplotlib's share included.

Reference:
    Taylor, Letham, Forecasting at scale, The American Statistician 72, 2018.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.models.forecast.settings import ForecastSettings

_MIN_VALUES = 20
# Most a fit may take: on some series Stan's optimiser does not come to an end.
_TIMEOUT_SECONDS = 30.0
# Pairs of sine and cosine of a season; Prophet's own choice for a year.
_MAX_ORDER = 10
# Any day does: seasons are given in steps, holidays are not asked for.
_EPOCH_MS = 1_577_836_800_000
_DAY_MS = 86_400_000
# Curves end here: how far, in ranges of the history, above and below what was seen.
_REACH = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class FittedProphet:
    """A fitted Prophet model, which is a function of time: another origin is another time."""

    model: Any
    step_ms: int
    n_values: int
    low: float
    high: float

    def predict(self, n_steps: int) -> NDArray[np.float64]:
        """Trend and seasons, no further than one range of the history above and below it.

        Raises:
            ModelError: if the library fails.
        """
        import pandas as pd

        steps = np.arange(self.n_values - 1, self.n_values + n_steps)
        future = pd.DataFrame({"ds": _instants(steps, self.step_ms)})
        curve = _guarded(lambda: self.model.predict(future)["yhat"].to_numpy(dtype=np.float64))
        clipped: NDArray[np.float64] = np.clip(curve, self.low, self.high)
        return clipped

    def forward(self, values: NDArray[np.float64]) -> FittedProphet:
        """The same trend and seasons, later."""
        return FittedProphet(self.model, self.step_ms, len(values), self.low, self.high)


class ProphetMember:
    """Prophet with the seasons found in the series.

    About two seconds a series with two weeks of five-minute steps, some tenfold of the other members: for queries of
    few series.
    """

    def __init__(self, settings: ForecastSettings) -> None:
        self._step_ms = settings.step_ms

    def fit(self, values: NDArray[np.float64], seasons: tuple[int, ...]) -> FittedProphet:
        """Fit by Stan's optimiser.

        Raises:
            ModelError: if the history is too short or the library fails on it.
        """
        if len(values) < _MIN_VALUES:
            raise ModelError("prophet", f"{len(values)} values, at least {_MIN_VALUES} are needed")
        for noisy in ("cmdstanpy", "prophet", "prophet.plot"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        import pandas as pd
        from prophet import Prophet

        model = Prophet(
            daily_seasonality=False, weekly_seasonality=False, yearly_seasonality=False, uncertainty_samples=0
        )
        for season in seasons:
            order = max(min(_MAX_ORDER, season // 2), 1)
            model.add_seasonality(f"steps_{season}", period=season * self._step_ms / _DAY_MS, fourier_order=order)
        history = pd.DataFrame({"ds": _instants(np.arange(len(values)), self._step_ms), "y": values})
        _guarded(lambda: model.fit(history, timeout=_TIMEOUT_SECONDS))
        low, high = float(values.min()), float(values.max())
        reach = _REACH * (high - low)
        return FittedProphet(model, self._step_ms, len(values), low - reach, high + reach)

    def __repr__(self) -> str:
        return f"ProphetMember(step_ms={self._step_ms})"


def _instants(steps: NDArray[np.int64], step_ms: int) -> NDArray[np.datetime64]:
    return (_EPOCH_MS + steps * step_ms).astype("datetime64[ms]")


def _guarded(call: Callable[[], Any]) -> Any:
    """Call into the library, quietly; whatever it raises becomes our error."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return call()
    except Exception as error:  # the library and its compiled part raise what they like
        raise ModelError("prophet", f"{type(error).__name__}: {error}") from error
