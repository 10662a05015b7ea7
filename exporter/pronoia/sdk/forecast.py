"""Forecasts of arrays, in one call and without a server."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.models.forecast.ensemble.ensemble import forecast_distribution
from pronoia.models.forecast.ensemble.paths import draw_paths
from pronoia.models.forecast.ensemble.quantiles import at_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ArrayForecast:
    """What n_series series will be in the next `horizon` steps.

    Args:
        point: float64 (n_series, horizon), the median, source unit.
        lower: level -> float64 (n_series, horizon), lower bound of the interval that holds so many percent.
        upper: level -> float64 (n_series, horizon), upper bound.
        shares: the quantiles asked for, in (0, 1); empty if none.
        quantiles: float64 (n_series, n_quantiles, horizon), increasing over the quantiles; None if none were asked for.
        paths: float64 (n_series, n_paths, horizon), futures that may be; None if none were asked for.

    All values of a series without any sample are NaN.
    """

    point: NDArray[np.float64]
    lower: dict[float, NDArray[np.float64]]
    upper: dict[float, NDArray[np.float64]]
    shares: tuple[float, ...]
    quantiles: NDArray[np.float64] | None
    paths: NDArray[np.float64] | None = None


def forecast(
    values: ArrayLike,
    step_seconds: float = 60,
    horizon: int = 48,
    levels: Sequence[float] = (80, 95),
    quantiles: Sequence[float] | None = None,
    *,
    paths: int | None = None,
    seed: int = 0,
) -> ArrayForecast:
    """Forecast many series at once, each from its own history.

    Some 0.1 s a series with 16 000 values on one core; nothing is kept between calls. Hours, days and weeks are found
    by the step, other periods from the values; the more history, the better, up to some 16 000 values.

    >>> import numpy as np
    >>> hours = np.arange(21 * 24)
    >>> load = 10 + 5 * np.sin(2 * np.pi * hours / 24)
    >>> ahead = forecast(load, step_seconds=3600, horizon=24)
    >>> bool(np.abs(ahead.point[0] - load[:24]).max() < 1.0)
    True
    >>> bool((ahead.lower[95] <= ahead.lower[80]).all() and (ahead.upper[80] <= ahead.upper[95]).all())
    True

    Series of different length stand in one array, the newest value last, NaN where there is no sample; what never
    moved is not expected to.

    >>> short = np.where(hours < 400, np.nan, 7.0)
    >>> ahead = forecast([load, short], step_seconds=3600, horizon=12, quantiles=(0.1, 0.5, 0.9))
    >>> ahead.quantiles.shape
    (2, 3, 12)
    >>> ahead.point[1, :3].tolist()
    [7.0, 7.0, 7.0]

    What asks for a whole future, such as the highest value of a day or the time until a limit, is counted over paths:
    they keep how the values of one future hang together, which bounds at single instants do not.

    >>> ahead = forecast(load, step_seconds=3600, horizon=24, paths=500)
    >>> highest = ahead.paths[0].max(axis=1)
    >>> bool(14.0 < np.quantile(highest, 0.1) <= np.quantile(highest, 0.9) < 17.0)
    True

    Args:
        values: float (n_series, n_steps), or (n_steps,) for one series; evenly spaced, the newest last.
        step_seconds: distance of two values.
        horizon: how many steps ahead.
        levels: percent of the truths that each two-sided interval is to hold, between 0 and 100.
        quantiles: shares in (0, 1) of any order and number.
        paths: how many futures to draw for each series.
        seed: of the draws: the same paths again.

    Raises:
        ConfigError: if an argument cannot be used; its problems say which.
    """
    history = np.asarray(values, dtype=np.float64)
    history = history[None, :] if history.ndim == 1 else history
    shares = tuple(float(share) for share in quantiles or ())
    problems = _problems(history, step_seconds, horizon, levels, shares)
    if paths is not None and paths < 1:
        problems.append(ConfigProblem("paths", f"{paths} paths; at least one is needed"))
    if problems:
        raise ConfigError(problems)
    known, dependence = forecast_distribution(history, step_seconds=float(step_seconds), horizon=int(horizon))
    tails = [(50.0 - level / 2.0) / 100.0 for level in levels]
    wanted = at_shares(known, [0.5, *tails, *(1.0 - tail for tail in tails), *sorted(shares)])
    n_levels = len(tails)
    return ArrayForecast(
        point=wanted[:, 0],
        lower={level: wanted[:, 1 + i] for i, level in enumerate(levels)},
        upper={level: wanted[:, 1 + n_levels + i] for i, level in enumerate(levels)},
        shares=tuple(sorted(shares)),
        quantiles=wanted[:, 1 + 2 * n_levels :] if quantiles is not None else None,
        paths=None if paths is None else draw_paths(known, dependence, paths, np.random.default_rng(seed)),
    )


def _problems(
    history: NDArray[np.float64], step_seconds: float, horizon: int, levels: Sequence[float], shares: Sequence[float]
) -> list[ConfigProblem]:
    problems = []
    if history.ndim != 2 or not history.shape[1]:
        problems.append(ConfigProblem("values", f"shape {history.shape}, (n_series, n_steps) is needed"))
    if not (math.isfinite(step_seconds) and step_seconds > 0):
        problems.append(ConfigProblem("step_seconds", f"{step_seconds} is not a positive number of seconds"))
    if horizon < 1:
        problems.append(ConfigProblem("horizon", f"{horizon} steps; at least one is needed"))
    problems += [
        ConfigProblem("levels", f"{level} does not lie between 0 and 100") for level in levels if not 0 < level < 100
    ]
    problems += [
        ConfigProblem("quantiles", f"{share} does not lie between 0 and 1") for share in shares if not 0 < share < 1
    ]
    return problems
