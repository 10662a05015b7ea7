"""Worker processes that fit models, so that a scrape is never late because a model trains."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pronoia.models.forecast.fit import fit_forecasts
from pronoia.threads import compute_on_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.series import LabelSet
    from pronoia.series.aligned import AlignedFrame

_log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

# Fits yield to whatever else runs on the machine, the scrape above all.
_NICENESS = 5
_REST_AFTER_SECONDS = 60.0


class FitPool:
    """A fixed number of processes, replaced as a whole when one of them dies (out of memory, a crash).

    Processes are spawned, not forked: the parent holds threads and sockets.

    Args:
        workers: how many processes; they start with the first fit.
        on_restart: called each time the processes had to be replaced.
    """

    def __init__(self, workers: int, on_restart: Callable[[], None]) -> None:
        self.workers = workers
        #: Held while a fit is tried again that was lost with its worker: only one such fit is in the pool at a time.
        self.suspect = threading.Lock()
        #: Held while a fit of minutes is in the pool, one at a time: others have to get their turn beside it.
        self.long_fit = threading.Lock()
        self._on_restart = on_restart
        self._lock = threading.Lock()
        self._executor = self._start()
        self._n_unfinished = 0
        self._idle_since: float | None = None

    def submit(
        self, history: AlignedFrame, settings: ForecastSettings, incumbents: Mapping[LabelSet, str] | None = None
    ) -> Future[FittedForecasts]:
        """Queue the fit of a few series, see `fit_forecasts`. It fails with BrokenExecutor if its process dies."""
        return self.submit_work(fit_forecasts, history, settings, incumbents)

    def submit_work(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Queue any work of a function of some module on data. The future fails with BrokenExecutor likewise."""
        with self._lock:
            try:
                future = self._executor.submit(work, *args, **kwargs)
            except BrokenExecutor:
                _log.error("a worker process died while fitting; the workers are replaced")
                self._on_restart()
                self._executor.shutdown(wait=False, cancel_futures=True)
                self._executor = self._start()
                future = self._executor.submit(work, *args, **kwargs)
            self._n_unfinished += 1
            self._idle_since = None
        future.add_done_callback(self._count_finished)
        return future

    def rest_if_idle(self) -> None:
        """End processes that have had nothing to do for a while: each holds some 300 MB, and fits are hours apart."""
        with self._lock:
            if self._idle_since is None or time.monotonic() - self._idle_since < _REST_AFTER_SECONDS:
                return
            self._idle_since = None
            self._executor.shutdown(wait=False)
            self._executor = self._start()

    def close(self) -> None:
        """End the processes at once. Fits are dropped: one may take minutes, and nobody is left to take it up."""
        with self._lock:
            executor = self._executor
        workers = list((executor._processes or {}).values())  # noqa: SLF001 as Python 3.14's `terminate_workers` does
        executor.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()

    def _count_finished(self, _: object) -> None:
        with self._lock:
            self._n_unfinished -= 1
            self._idle_since = None if self._n_unfinished else time.monotonic()

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=_become_worker)


def _become_worker() -> None:
    # The pool itself is the parallelism.
    compute_on_one_thread()
    os.nice(_NICENESS)
    # Ctrl-C reaches the whole process group; the parent decides when workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed tells nobody: its workers would wait for work forever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
