"""Which metrics of a recording lead to which failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Metrics = Mapping[str, NDArray[np.float64]]

# A share of failed requests that counts as all of the budget, and the slots that it is taken over.
_BUDGET, _BUDGET_SLOTS = 0.5, 4
_LOAD_SLOTS = 4
# A process that is down uses nothing: that is no rise to come from.
_DOWN = 0.02
# A run that ages is first watched for an hour; its limit is what its last quarter uses.
_WATCHED_SECONDS, _LAST_SHARE, _MEDIAN_SLOTS = 3_600.0, 0.25, 5


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What of one system leads to its failure.

    Args:
        used: each float64 (n_slots,), share of a limit.
        load: float64 (n_slots,), what they follow; NaN where nothing is known.
        failed: bool (n_slots,), slots at which it failed, where the metrics themselves tell; else none.
    """

    used: tuple[NDArray[np.float64], ...]
    load: NDArray[np.float64]
    failed: NDArray[np.bool_]


def _network(metrics: Metrics, slot_seconds: float) -> Signals | None:
    del slot_seconds
    if "requests_total" not in metrics:
        return None
    failures, requests = (_over(metrics[name], _BUDGET_SLOTS) for name in ("request_failures_total", "requests_total"))
    return _signals(failures / np.maximum(requests, 1.0) / _BUDGET)


def _disk(metrics: Metrics, slot_seconds: float) -> Signals | None:
    del slot_seconds
    if "filesystem_avail_bytes" not in metrics or not np.isfinite(metrics["filesystem_avail_bytes"]).any():
        return None
    files = metrics["filesystem_files_free"]
    # How many there are is not told; the most that were free up to now is.
    most = np.fmax.accumulate(files)
    return _signals(1.0 - metrics["filesystem_avail_bytes"] / metrics["filesystem_size_bytes"], 1.0 - files / most)


def _memory(metrics: Metrics, slot_seconds: float) -> Signals | None:
    if "memory_working_set_bytes" not in metrics:
        return None
    used = metrics["memory_working_set_bytes"] / metrics["memory_limit_bytes"]
    load = _over(metrics["cpu_seconds_total"], _LOAD_SLOTS) / (_LOAD_SLOTS * slot_seconds)
    return _signals(np.where(used > _DOWN, used, np.nan), load=load)


def _link(metrics: Metrics, slot_seconds: float) -> Signals | None:
    del slot_seconds
    if "packet_loss_ratio" not in metrics:
        return None
    is_down = metrics["up"] == 0.0
    failed = is_down & ~np.append(False, is_down[:-1])
    return _signals(np.where(is_down, np.nan, metrics["packet_loss_ratio"]), failed=failed)


def _ageing(metrics: Metrics, slot_seconds: float) -> Signals | None:
    """Nothing fails there: the limit is what the last quarter of the run uses, and the failure that it gets there."""
    if "mem_used_bytes" not in metrics:
        return None
    used = metrics["mem_used_bytes"]
    known = np.flatnonzero(np.isfinite(used))
    watched = known[known < known[0] + round(_WATCHED_SECONDS / slot_seconds)]
    last = known[known > known[-1] - _LAST_SHARE * (known[-1] - known[0])]
    base, limit = float(np.median(used[watched])), float(np.median(used[last]))
    share = (used - base) / max(limit - base, 1.0)
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(share, _MEDIAN_SLOTS), axis=1)
    reached = np.flatnonzero(np.append(np.zeros(_MEDIAN_SLOTS - 1), np.nan_to_num(smooth)) >= 1.0)
    failed = np.zeros(len(used), np.bool_)
    after = reached[reached > watched[-1]]
    share[: watched[-1] + 1] = np.nan
    if len(after):
        failed[after[0]] = True
        share[after[0] + 1 :] = np.nan
    return _signals(share, failed=failed)


#: For each failure, what makes its signals; networks first, which have memory as well.
SIGNALS: dict[str, Callable[[Metrics, float], Signals | None]] = {
    "network_timeout": _network,
    "disk_full": _disk,
    "oom": _memory,
    "link_down": _link,
    "memory_limit": _ageing,
}


def _signals(
    *used: NDArray[np.float64], load: NDArray[np.float64] | None = None, failed: NDArray[np.bool_] | None = None
) -> Signals:
    n_slots = len(used[0])
    nothing = np.full(n_slots, np.nan)
    none = np.zeros(n_slots, np.bool_)
    return Signals(used, nothing if load is None else load, none if failed is None else failed)


def _over(counter: NDArray[np.float64], n_slots: int) -> NDArray[np.float64]:
    """Increase over the last slots; NaN at the beginning, and at resets."""
    gained = np.full(counter.shape, np.nan)
    gained[n_slots:] = counter[n_slots:] - counter[:-n_slots]
    return np.where(gained >= 0.0, gained, np.nan)
