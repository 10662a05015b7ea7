"""The functions of instant vectors and scalars, by name.

Arguments come with metric names and with PromQL's defaults filled in; results have their final labels. Not here:
functions of range vectors (`range_functions`), `absent` and `absent_over_time`, and `timestamp` of a selector, which
needs the samples' own times.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from pronoia.promql.instant_functions.calendar import CALENDAR
from pronoia.promql.instant_functions.elementwise import ELEMENTWISE, clamp, clamp_max, clamp_min, round_to
from pronoia.promql.instant_functions.histogram_fraction import histogram_fraction
from pronoia.promql.instant_functions.histogram_quantile import histogram_quantile
from pronoia.promql.instant_functions.instants import Instants
from pronoia.promql.instant_functions.label_functions import label_join, label_replace, without_name
from pronoia.promql.instant_functions.ordering import sort, sort_by_label, sort_by_label_desc, sort_desc
from pronoia.promql.vector import Scalar, Vector
from pronoia.series.labels import LabelSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

Argument = Vector | Scalar | str
#: From the arguments, in PromQL's order and of the kinds that PromQL wants, and the instants of the evaluation.
InstantFunction = Callable[[tuple[Argument, ...], Instants], Vector | Scalar]


def scalar(vector: Vector) -> Scalar:
    """The value of the one series that is present; NaN where there are none or more."""
    if not vector.n_series:
        return Scalar(np.full(vector.n_steps, np.nan))
    # Picked and not summed, or -0 would become 0.
    values = vector.values[vector.present.argmax(axis=0), np.arange(vector.n_steps)]
    return Scalar(np.where(np.count_nonzero(vector.present, axis=0) == 1, values, np.nan))


def vector(values: Scalar) -> Vector:
    """One series without labels."""
    return Vector((LabelSet(),), values.values[np.newaxis], np.ones((1, len(values.values)), np.bool_))


def time(instants: Instants) -> Scalar:
    """The instants of the evaluation, UTC seconds."""
    return Scalar(instants.seconds)


def pi(instants: Instants) -> Scalar:
    """π."""
    return Scalar(np.full(instants.n_steps, math.pi))


def timestamp(of: Vector, instants: Instants) -> Vector:
    """When each value was computed, UTC seconds: at the instant itself."""
    return without_name(of.with_values(np.repeat(instants.seconds[np.newaxis], of.n_series, axis=0)))


def _of_values(function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> InstantFunction:
    return _nameless(lambda argument: argument.with_values(function(argument.values)))


def _nameless(function: Callable[..., Vector]) -> InstantFunction:
    return lambda arguments, _: without_name(function(*arguments))


def _plain(function: Callable[..., Vector | Scalar]) -> InstantFunction:
    return lambda arguments, _: function(*arguments)


def _timed(function: Callable[..., Vector | Scalar]) -> InstantFunction:
    return lambda arguments, instants: function(*arguments, instants)


INSTANT_FUNCTIONS: Mapping[str, InstantFunction] = {
    **{name: _of_values(function) for name, function in ELEMENTWISE.items()},
    **{name: _of_values(function) for name, function in CALENDAR.items()},
    "round": _nameless(round_to),
    "clamp": _nameless(clamp),
    "clamp_min": _nameless(clamp_min),
    "clamp_max": _nameless(clamp_max),
    "histogram_quantile": _plain(histogram_quantile),
    "histogram_fraction": _plain(histogram_fraction),
    "label_replace": _plain(label_replace),
    "label_join": _plain(label_join),
    "sort": _plain(sort),
    "sort_desc": _plain(sort_desc),
    "sort_by_label": _plain(sort_by_label),
    "sort_by_label_desc": _plain(sort_by_label_desc),
    "scalar": _plain(scalar),
    "vector": _plain(vector),
    "time": _timed(time),
    "pi": _timed(pi),
    "timestamp": _timed(timestamp),
}
