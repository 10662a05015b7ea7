"""Member N: the network that ships with the package, and what the series itself teaches about its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.least_absolute import fit_least_absolute
from pronoia.models.forecast.ensemble.network_errors import (
    N_ORIGINS,
    SPAN,
    ask,
    choose_origins,
    error_design,
    history_spread,
)
from pronoia.models.forecast.ensemble.network_widths import choose_factors, own_offsets, widened
from pronoia.models.forecast.ensemble.quantiles import weighted_quantiles
from pronoia.models.forecast.ensemble.volatility import mean_steps, residual_scale, restlessness
from pronoia.models.forecast.knots import knot_weights
from pronoia.models.forecast.prior.network import DECILES
from pronoia.models.forecast.prior.shipped import shipped_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel
    from pronoia.models.forecast.prior.network import PriorNetwork

# A ridge grows with the horizon: a history of n steps holds n / k independent samples of horizon k.
_RIDGE, _RIDGE_GROWTH = 0.03, 300.0
_HALF_LIFE = 2.0
# With fewer values nothing is learnt: the network speaks as it was shipped.
_LEAST_HISTORY = 100
# Independent samples at which half of what can be learnt about the errors' quantiles is believed.
_HALF_BELIEVED = 20.0
_MOST_BELIEVED = 0.5
# Share of the network as it was shipped beside what was learnt: what is learnt on one series is partly chance.
_SHIPPED = 0.5
_MEDIAN = len(DECILES) // 2


class NetworkPrior:
    """The shipped network's quantiles, half of them corrected by a regression on the series' own levels and profiles.

    Coefficients of zero are the network as shipped, to which short histories and far horizons shrink. The only member
    with something to say about a series of a few dozen values.

    Args:
        network: another network than the shipped one.
    """

    name = "network-prior"
    seen_share = 1.0
    pretrained = True
    exact = False
    follows = True

    def __init__(self, network: PriorNetwork | None = None) -> None:
        self._given = network

    @property
    def network(self) -> PriorNetwork:
        """The network, read when it is first needed.

        Raises:
            ModelError: if the shipped weights are damaged.
        """
        return self._given or shipped_network()

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedNetworkPrior:
        """Ask the network at 200 past instants, and learn its errors at every knot."""
        spans = np.minimum(ends - panel.first, SPAN).astype(np.float64)
        origins = choose_origins(panel, ends)
        deciles = ask(self.network, panel, origins, knots)
        scale = np.maximum(history_spread(panel, ends), 1e-300)
        medians = deciles[..., _MEDIAN]
        targets = origins[:, :, None] + knots - 1
        rows = np.arange(panel.n_series)[:, None, None]
        inside = np.minimum(targets, panel.n_steps - 1)
        known = np.isfinite(panel.truth[rows, inside]) & (targets < ends[:, None, None])
        ages = (ends[:, None] - origins) / np.maximum(_HALF_LIFE * spans, 1.0)[:, None]
        weights = np.where(known, 0.5 ** ages[:, :, None], 0.0)

        # From here on problems are (series, knot), samples are origins.
        n_problems = panel.n_series * len(knots)

        def problems(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.ascontiguousarray(np.moveaxis(values, 1, 2)).reshape(n_problems, N_ORIGINS, *values.shape[3:])

        design = problems(error_design(panel, periods, origins, knots, medians, scale))
        target = problems((panel.values[rows, inside] - medians) / scale[:, None, None])
        weights = problems(weights)
        ridge = _RIDGE * (1.0 + _RIDGE_GROWTH * knots / np.maximum(spans, 1.0)[:, None])
        coefficients = fit_least_absolute(design, target, weights, ridge.ravel())
        coefficients[np.repeat(spans < _LEAST_HISTORY, len(knots))] = 0.0
        residuals = target - np.matmul(design, coefficients[:, :, None])[:, :, 0]

        usual = mean_steps(panel, ends)
        rest = restlessness(panel, origins, usual)
        typical = rest.mean(axis=1)
        spread = np.maximum(residual_scale(rest, typical) / scale[:, None], 1e-12)
        offsets = weighted_quantiles(residuals / np.repeat(spread, len(knots), axis=0), weights)
        samples = spans[:, None] / knots
        believed = np.where(spans[:, None] < _LEAST_HISTORY, 0.0, samples / (samples + _HALF_BELIEVED))
        network_offsets = problems(own_offsets(deciles) / scale[:, None, None, None])
        factors = choose_factors(residuals, network_offsets, weights).reshape(panel.n_series, len(knots), 2)
        return FittedNetworkPrior(
            member=self,
            periods=periods,
            knots=knots,
            coefficients=coefficients.reshape(panel.n_series, len(knots), -1),
            offsets=offsets.reshape(panel.n_series, len(knots), -1),
            believed=_MOST_BELIEVED * believed * (weights.sum(axis=1) > 0.0).reshape(believed.shape),
            factors=factors ** believed[:, :, None],
            scale=scale,
            usual=usual,
            typical=typical,
            speaks=ends > panel.first,
        )

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedNetworkPrior:
        """The fitted prior whose arrays these are."""
        return FittedNetworkPrior(member=self, **arrays)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class FittedNetworkPrior:
    """What was learnt about the network's errors on each series.

    Args:
        member: whose network it is.
        periods: int64 (n_series, n_slots), what the profiles repeat with.
        knots: int64 (n_knots,).
        coefficients: float64 (n_series, n_knots, n_columns), without a unit.
        offsets: float64 (n_series, n_knots, 15), quantiles of the residuals in units of the restlessness.
        believed: float64 (n_series, n_knots), share of these in the forecast's quantiles; the rest is the network's.
        factors: float64 (n_series, n_knots, 2), what the network's offsets below and above are multiplied by.
        scale: float64 (n_series,), standard deviation of the history, the panel's unit.
        usual: float64 (n_series,), mean absolute step, the panel's unit.
        typical: float64 (n_series,), mean restlessness at the anchors, the panel's unit.
        speaks: bool (n_series,), whether there is any value to start from.
    """

    member: NetworkPrior
    periods: NDArray[np.int64]
    knots: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    offsets: NDArray[np.float64]
    believed: NDArray[np.float64]
    factors: NDArray[np.float64]
    scale: NDArray[np.float64]
    usual: NDArray[np.float64]
    typical: NDArray[np.float64]
    speaks: NDArray[np.bool_]

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean of the network's quantiles and of the same corrected with the coefficients of the knots around."""
        every = knot_weights(self.knots, int(ahead[-1]))[:, ahead - 1].T
        deciles = ask(self.member.network, panel, origins, ahead)
        medians = deciles[..., _MEDIAN]
        design = error_design(panel, self.periods, origins, ahead, medians, self.scale)
        correction = np.einsum("sohc,shc->soh", design, np.matmul(every, self.coefficients))
        point = medians + correction * self.scale[:, None, None]
        spread = residual_scale(restlessness(panel, origins, self.usual), self.typical)
        learnt = np.matmul(every, self.offsets)[:, None] * spread[:, :, None, None]
        believed = np.matmul(self.believed, every.T)[:, None, :, None]
        factors = np.matmul(every, self.factors)[:, None]
        own = own_offsets(deciles)
        corrected = point[..., None] + believed * learnt + (1.0 - believed) * widened(own, factors)
        shipped = medians[..., None] + own
        forecast: NDArray[np.float64] = np.moveaxis(_SHIPPED * shipped + (1.0 - _SHIPPED) * corrected, 3, 2)
        forecast[~self.speaks] = np.nan
        return forecast

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields but the member."""
        names = (
            "periods", "knots", "coefficients", "offsets", "believed", "factors", "scale", "usual", "typical", "speaks",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}
