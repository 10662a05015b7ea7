"""Every model of signals on their way to a limit, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pronoia.models.failure.fit import FailureRows, fit_failure
from pronoia.models.failure.fitted import FailureModel, prior_alone, trend_alone
from pronoia.models.failure.local_calibration import calibrated_prior
from pronoia.models.failure.shipped import shipped_prior

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.models.failure.learnt_rows import LearntRows


def _supervised(rows: LearntRows, seed: int) -> FailureModel:
    learnt = FailureRows(rows.features, rows.happened, rows.systems, rows.n_events)
    return fit_failure(learnt, seed=seed, prior=shipped_prior())


_MODELS: MappingProxyType[str, Callable[[LearntRows, int], FailureModel]] = MappingProxyType(
    {
        "trend": lambda _rows, _seed: trend_alone(),
        "prior": lambda _rows, _seed: prior_alone(),
        "calibrated_prior": lambda rows, _seed: calibrated_prior(rows),
        "supervised": _supervised,
    }
)


def failure_model_names() -> tuple[str, ...]:
    """Their names, from that which needs nothing to that which needs most.

    >>> failure_model_names()
    ('trend', 'prior', 'calibrated_prior', 'supervised')
    """
    return tuple(_MODELS)


def make_failure_model(name: str, rows: LearntRows, seed: int = 0) -> FailureModel:
    """A model of what is known; its offset is that of the rows at hand, thinned or not.

    Args:
        name: one of `failure_model_names`.
        rows: with known outcomes.
        seed: of draws.

    Raises:
        ModelError: if the rows do not suffice for it: `supervised` needs some with and some without a failure.
    """
    return _MODELS[name](rows, seed)
