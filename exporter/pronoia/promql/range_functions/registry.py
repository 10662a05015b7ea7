"""PromQL's functions of range vectors, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pronoia.promql.range_functions import (
    extremes,
    over_time,
    quantile_over_time,
    rates,
    regression,
    smoothing,
    transitions,
)
from pronoia.promql.windows import Windows

if TYPE_CHECKING:
    from pronoia.promql.range_functions.filled import WindowValues
    from pronoia.promql.semantics import Semantics

#: From the windows, and the scalar arguments in the order of PromQL's signature, each float64 (n_steps,), to values
#: and presence, both (n_series, n_steps).
RangeFunction = Callable[[Windows, tuple[NDArray[np.float64], ...]], tuple[NDArray[np.float64], NDArray[np.bool_]]]

#: Functions that pick a sample and so keep the metric's name.
KEEPS_NAME = frozenset({"first_over_time", "last_over_time"})


def _with_scalars(function: Callable[..., WindowValues]) -> RangeFunction:
    return lambda windows, scalars: function(windows, *scalars)


_FUNCTIONS: Mapping[str, Callable[..., WindowValues]] = {
    "rate": rates.rate,
    "increase": rates.increase,
    "delta": rates.delta,
    "irate": rates.irate,
    "idelta": rates.idelta,
    "resets": transitions.resets,
    "changes": transitions.changes,
    "deriv": regression.deriv,
    "predict_linear": regression.predict_linear,
    "double_exponential_smoothing": smoothing.double_exponential_smoothing,
    "sum_over_time": over_time.sum_over_time,
    "avg_over_time": over_time.avg_over_time,
    "stdvar_over_time": over_time.stdvar_over_time,
    "stddev_over_time": over_time.stddev_over_time,
    "count_over_time": over_time.count_over_time,
    "present_over_time": over_time.present_over_time,
    "first_over_time": over_time.first_over_time,
    "last_over_time": over_time.last_over_time,
    "ts_of_first_over_time": over_time.ts_of_first_over_time,
    "ts_of_last_over_time": over_time.ts_of_last_over_time,
    "min_over_time": extremes.min_over_time,
    "max_over_time": extremes.max_over_time,
    "ts_of_min_over_time": extremes.ts_of_min_over_time,
    "ts_of_max_over_time": extremes.ts_of_max_over_time,
    "quantile_over_time": quantile_over_time.quantile_over_time,
    "mad_over_time": quantile_over_time.mad_over_time,
}

#: Every function, as Prometheus 3 computes it.
RANGE_FUNCTIONS: Mapping[str, RangeFunction] = MappingProxyType(
    {name: _with_scalars(function) for name, function in _FUNCTIONS.items()}
)


def range_functions(semantics: Semantics) -> Mapping[str, RangeFunction]:
    """Every function, as a server with these semantics computes it."""
    if not semantics.zero_point_first:
        return RANGE_FUNCTIONS
    older = {
        "rate": _with_scalars(partial(rates.rate, zero_point_first=True)),
        "increase": _with_scalars(partial(rates.increase, zero_point_first=True)),
    }
    return {**RANGE_FUNCTIONS, **older}
