"""LongFit: a fit that may take an hour: when it is due, and one at a time of all that share the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pronoia.pipeline.fit_pool import FitPool

Result = TypeVar("Result")

# A fit that was lost is made again so much after it began, once: its worker may have died of another's.
_MADE_AGAIN_SECONDS = 600.0


class LongFit(Generic[Result]):
    """One fit again and again, in a worker process. Not to be shared by threads.

    Args:
        pool: where it runs.
        every_seconds: time between fits.
        first_seconds: time from the start to the first, where what is in use is older than `every_seconds`.
        on_done: called from any thread when one has ended.
    """

    def __init__(
        self, pool: FitPool, *, every_seconds: float, first_seconds: float, on_done: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._every_seconds = every_seconds
        self._first_seconds = first_seconds
        self._on_done = on_done
        self._future: Future[Result] | None = None
        self._due_at_seconds: float | None = None
        self._started_at_seconds = 0.0
        self._has_failed = False

    def ended(self) -> Future[Result] | None:
        """The one that has ended since this was asked last, if one has and was not dropped."""
        if self._future is None or not self._future.done():
            return None
        future, self._future = self._future, None
        if future.cancelled():
            return None
        error = future.exception()
        # What took too long would do so again, and keep others waiting.
        if error is not None and not isinstance(error, TimeoutError) and not self._has_failed:
            self._due_at_seconds = self._started_at_seconds + min(_MADE_AGAIN_SECONDS, self._every_seconds)
        self._has_failed = error is not None
        return future

    def start_if_due(
        self,
        submit: Callable[[], Future[Result] | None],
        *,
        now_seconds: float,
        fitted_at_seconds: float,
        on_failed: Callable[[str], None],
    ) -> None:
        """Start one, unless it is too early, or another's is under way.

        Args:
            submit: hands it to the pool; None if there is nothing to fit, which is settled until the next is due.
            now_seconds: Unix time.
            fitted_at_seconds: when what is in use was fitted; 0 if nothing is.
            on_failed: told why it could not be handed over.
        """
        every = self._every_seconds
        if self._due_at_seconds is None:
            rest = max(every - (now_seconds - fitted_at_seconds), 0.0)
            self._due_at_seconds = now_seconds + min(rest or self._first_seconds, every)
        # Further ahead than any fit is due: the clock was set back.
        is_due = not now_seconds < self._due_at_seconds <= now_seconds + every
        if self._future is not None or not is_due or not self._pool.long_fit.acquire(blocking=False):
            return
        try:
            self._future = submit()
        except (RuntimeError, OSError) as error:  # no process can be started, or the pool is closed
            on_failed(repr(error))
        finally:
            if self._future is None:
                self._pool.long_fit.release()
        self._started_at_seconds, self._due_at_seconds = now_seconds, now_seconds + every
        if self._future is not None:
            self._future.add_done_callback(self._done)

    def cancel(self) -> None:
        """Drop one that has not started."""
        if self._future is not None:
            self._future.cancel()

    def _done(self, _: Future[Result]) -> None:
        self._pool.long_fit.release()
        self._on_done()
