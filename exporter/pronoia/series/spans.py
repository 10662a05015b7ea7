"""Compiled loops over the samples of many series, each a span of two long columns.

Imported where they are called: what only names series must not wait for Numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.series.staleness import STALE_NAN_BITS
from pronoia.series.timerange import NEVER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STALE = np.uint64(STALE_NAN_BITS)


def newest_living(
    times: NDArray[np.int64], values: NDArray[np.float64], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """When each series had its last sample that is not a staleness marker, int64 (n_series,); `NEVER_MS` if never.

    Args:
        times: int64 (n_samples,), increasing inside each span.
        values: float64 (n_samples,).
        begins: int64 (n_series,), where each span begins.
        ends: int64 (n_series,), where it ends.
    """
    return _newest_living(times, values.view(np.uint64), begins, ends)


@compiled
def _newest_living(
    times: NDArray[np.int64], bits: NDArray[np.uint64], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    newest = np.full(len(begins), NEVER_MS)
    for i in range(len(begins)):
        for j in range(ends[i] - 1, begins[i] - 1, -1):
            if bits[j] != _STALE:
                newest[i] = times[j]
                break
    return newest


@compiled
def first_since(
    times: NDArray[np.int64], begins: NDArray[np.int64], ends: NDArray[np.int64], since_ms: int
) -> NDArray[np.int64]:
    """The first sample of each span that is not before an instant, int64 (n_series,); the span's end if all are."""
    first = np.empty(len(begins), np.int64)
    for i in range(len(begins)):
        first[i] = begins[i] + np.searchsorted(times[begins[i] : ends[i]], since_ms)
    return first


@compiled
def place(
    out: NDArray[np.float64],
    samples: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]],
    start_ms: int,
    step_ms: int,
    lookback_ms: int,
) -> None:
    """Write to each instant of a grid the newest sample that is not after it, NaN if that is too old or infinite.

    Instants before the first sample of a span are left as they are: what came before may have been written there.

    Args:
        out: float64 (n_series, n_steps), written to.
        samples: times, values, and where the spans of n_series series begin and end.
        start_ms: the first instant.
        step_ms: distance of two instants.
        lookback_ms: a sample as old as this is too old.
    """
    times, values, begins, ends = samples
    for i in range(len(begins)):
        if begins[i] >= ends[i]:
            continue
        newest = begins[i] + np.searchsorted(times[begins[i] : ends[i]], start_ms, side="right") - 1
        for k in range(out.shape[1]):
            instant = start_ms + k * step_ms
            while newest + 1 < ends[i] and times[newest + 1] <= instant:
                newest += 1
            if newest >= begins[i]:
                is_good = instant - times[newest] < lookback_ms and not np.isinf(values[newest])
                out[i, k] = values[newest] if is_good else np.nan


@compiled
def splice(
    known: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]],
    fresh: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]],
    window_start_ms: int,
    since_ms: int,
    until_ms: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Known samples of each series before an instant, then known and fresh ones merged; fresh ones win.

    Args:
        known: times, values, and where the spans of n_series series begin and end.
        fresh: likewise, for the same series.
        window_start_ms: known samples before it are dropped.
        since_ms: fresh samples before it are dropped.
        until_ms: samples after it are dropped, from both.

    Returns:
        times, values and indptr; the first two may hold on to somewhat more memory than they show.
    """
    known_times, known_values, known_begins, known_ends = known
    fresh_times, fresh_values, fresh_begins, fresh_ends = fresh
    n_series = len(known_begins)
    most = (known_ends - known_begins).sum() + (fresh_ends - fresh_begins).sum()
    times, values = np.empty(most, np.int64), np.empty(most, np.float64)
    indptr = np.zeros(n_series + 1, np.int64)
    n = 0
    for i in range(n_series):
        a, a_end = known_begins[i], known_ends[i]
        a += np.searchsorted(known_times[a:a_end], window_start_ms)
        b, b_end = fresh_begins[i], fresh_ends[i]
        b += np.searchsorted(fresh_times[b:b_end], since_ms)
        while a < a_end or b < b_end:
            is_fresh = b < b_end and (a >= a_end or fresh_times[b] <= known_times[a])
            time = fresh_times[b] if is_fresh else known_times[a]
            if time > until_ms:
                break
            times[n] = time
            values[n] = fresh_values[b] if is_fresh else known_values[a]
            n += 1
            if a < a_end and known_times[a] == time:
                a += 1
            if is_fresh:
                b += 1
        indptr[i + 1] = n
    return times[:n], values[:n], indptr


@compiled
def keep(
    times: NDArray[np.int64], begins: NDArray[np.int64], ends: NDArray[np.int64], step_ms: int, dense_from_ms: int
) -> NDArray[np.bool_]:
    """Which samples stay when all but the last of each step before an instant go, bool (n_samples,).

    Steps end at multiples of `step_ms`, as those of `thin`. Samples outside of the spans go.
    """
    kept = np.zeros(len(times), np.bool_)
    for i in range(len(begins)):
        for j in range(begins[i], ends[i]):
            is_last = j + 1 == ends[i] or -(-times[j] // step_ms) != -(-times[j + 1] // step_ms)
            kept[j] = is_last or times[j] >= dense_from_ms
    return kept
