"""When a resource's classifiers are fitted to its own history, and what becomes of that."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pronoia.features.matrix import FEATURES
from pronoia.models.bottleneck.local import LocalBlend, LocalFit, fit_local, local_spans
from pronoia.models.bottleneck.members import available_members
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.pipeline.long_fit import LongFit
from pronoia.pipeline.time_limit import within
from pronoia.predictions.bottleneck import RiskModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.features.load import LoadHistory
    from pronoia.pipeline.bottleneck_model import BottleneckModel
    from pronoia.pipeline.fit_pool import FitPool

_log = logging.getLogger(__name__)

# Some ten times what it takes with a network on a slow core: whatever takes longer is stuck, and keeps others waiting.
_LONGEST_FIT_SECONDS = 5_400.0
# At a start the workers are for the forecasts, of which nothing is there yet.
_FIRST_FIT_SECONDS = 600.0


class BottleneckFits:
    """One fit at a time, in a worker process. Not to be shared by threads.

    Args:
        resource: whose.
        model: the classifiers in use, replaced by those that beat them.
        pool: where fits run.
        telemetry: told what became of each fit.
        on_done: called from any thread when a fit has ended.
    """

    def __init__(
        self,
        resource: ResolvedResource,
        model: BottleneckModel,
        pool: FitPool,
        telemetry: Telemetry,
        on_done: Callable[[], None],
    ) -> None:
        self._resource = resource
        self._model = model
        self._pool = pool
        self._telemetry = telemetry
        self._fit: LongFit[LocalFit] = LongFit(
            pool, every_seconds=resource.fit_every_seconds, first_seconds=_FIRST_FIT_SECONDS, on_done=on_done
        )
        self._started_at_seconds = 0.0
        members = available_members(resource.members)
        self._blend = LocalBlend(members, resource.blend, resource.is_blend_fitted)
        if members != resource.members:
            left_out = ", ".join(name for name in resource.members if name not in members)
            _log.info(
                "bottleneck %s: torch cannot be used (extra neural): fits to its history are made without %s",
                resource.name,
                left_out,
            )

    def advance(self, history: Callable[[], LoadHistory], now_seconds: float) -> bool:
        """Take up a fit that has ended, and start one that is due; true if other classifiers speak from now on.

        Args:
            history: gives the whole of it; asked only when a fit is due.
            now_seconds: Unix time.
        """
        future = self._fit.ended()
        is_other = future is not None and self._take_up(future)
        self._fit.start_if_due(
            lambda: self._submitted(history(), now_seconds),
            now_seconds=now_seconds,
            fitted_at_seconds=self._model.told.fitted_at_seconds,
            on_failed=lambda reason: self._end("failed", reason),
        )
        return is_other

    def cancel(self) -> None:
        """Drop a fit that has not started."""
        self._fit.cancel()

    def _submitted(self, history: LoadHistory, now_seconds: float) -> Future[LocalFit] | None:
        spans, reason = local_spans(history)
        if spans is None:
            self._end("not_possible", reason)
            return None
        self._started_at_seconds = now_seconds
        return self._pool.submit_work(
            within, _LONGEST_FIT_SECONDS, fit_local, history, risks_to_arrays(self._model.risks), self._blend
        )

    def _take_up(self, future: Future[LocalFit]) -> bool:
        error = future.exception()
        if error is not None:
            self._end("timed_out" if isinstance(error, TimeoutError) else "failed", repr(error))
            return False
        fit = future.result()
        if fit.arrays is None:
            self._end("rejected" if fit.n_events else "not_possible", fit.reason)
            return False
        told = RiskModel("local", self._started_at_seconds, fit.n_events)
        self._end("accepted", f"{fit.n_better} of 8 classifiers lose less than the ones before")
        known = FEATURES + self._resource.features.asked.names
        self._model.take_up(risks_from_arrays(fit.arrays, known), told)
        return True

    def _end(self, outcome: str, reason: str) -> None:
        self._telemetry.on_bottleneck_fit(self._resource.name, outcome)
        level = logging.ERROR if outcome in {"failed", "timed_out"} else logging.INFO
        _log.log(level, "bottleneck %s: fit to local history %s: %s", self._resource.name, outcome, reason)
