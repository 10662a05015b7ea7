"""From the histories of queries to a LoadHistory, and which of its subjects can be spoken of."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import NoSeries
from pronoia.features.load import OTHERS, STATIC, LoadHistory, bridge_single_gaps, to_scale
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.series import History, LabelSet

_BYTES_PER_KILOBYTE = 1_024.0
# On the scale of loads; beyond it, one is as overloaded as another.
_HIGHEST = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class RiskInput:
    """What the classifiers are asked about.

    Args:
        history: all subjects with a sample in the window.
        rows: int64 (n_asked,), those that can be spoken of.
        slots: int64 (n_asked,), the newest known slot of each, which is "now".
        skipped: how many cannot, by reason: `stale` (no sample in this slot or the one before), `too_short` (less is
            known than must have been clean before an overload counts).
    """

    history: LoadHistory
    rows: NDArray[np.int64]
    slots: NDArray[np.int64]
    skipped: Counter[str]


def risk_input(
    resource: ResolvedResource, utilisation: History, companions: Mapping[str, History], now_ms: int
) -> RiskInput:
    """Place everything on slots, the last of which holds now.

    A slot's value is the newest sample in it. Values that cannot be (negative, not finite) count as missing.

    Args:
        resource: whose.
        utilisation: its query's history.
        companions: by kind, those of the other metrics.
        now_ms: the instant.

    Raises:
        NoSeries: if no series has a sample in the window.
    """
    grid = _grid(resource, now_ms)
    known = _placed(utilisation, grid)
    scaled = np.minimum(to_scale(known, resource.threshold), np.float32(_HIGHEST))
    seen = np.isfinite(scaled)
    if not seen.any():
        raise NoSeries(f"no sample of {resource.name} within {resource.history_seconds} s")
    # Where nobody was known yet there is nothing to learn from, and no day has been seen.
    first = int(np.argmax(seen.any(axis=0)))
    labels = utilisation.labels
    others = np.full((len(OTHERS), len(labels), grid.n_steps - first), np.nan, np.float32)
    for kind, other in companions.items():
        others[OTHERS.index(kind)] = _beside(labels, other, grid, resource.entity, kind)[:, first:]
    history = LoadHistory(
        labels=labels,
        grid=Grid(grid.start_ms + first * grid.step_ms, grid.step_ms, grid.n_steps - first),
        load=bridge_single_gaps(scaled[:, first:]),
        others=others,
        static=np.full((len(labels), len(STATIC)), np.nan, np.float32),
        systems=np.zeros(len(labels), np.int64),
        clean_slots=resource.clean_slots,
        hold_slots=resource.hold_slots,
    )
    return _asked(history)


def recently_clean(history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether an overload that begins next would count: the last `clean_slots` are known and were all below."""
    clean = np.isfinite(history.load) & ~history.is_high
    result = slots + 1 >= history.clean_slots
    for back in range(history.clean_slots):
        result &= clean[rows, np.maximum(slots - back, 0)]
    return result


def _asked(history: LoadHistory) -> RiskInput:
    known = np.isfinite(history.load)
    last = history.grid.n_steps - 1
    before = known[:, max(last - 1, 0)]
    is_fresh = known[:, last] | before
    is_long = known.sum(axis=1) >= history.clean_slots
    rows = np.flatnonzero(is_fresh & is_long)
    slots = np.where(known[rows, last], last, max(last - 1, 0)).astype(np.int64)
    skipped = Counter({"stale": int((~is_fresh).sum()), "too_short": int((is_fresh & ~is_long).sum())})
    return RiskInput(history, rows.astype(np.int64), slots, +skipped)


def _grid(resource: ResolvedResource, now_ms: int) -> Grid:
    slot_ms = resource.slot_seconds * 1000
    n_slots = max(resource.history_seconds * 1000 // slot_ms, 1) + 1
    last = now_ms // slot_ms
    return Grid((last - n_slots + 1) * slot_ms, slot_ms, n_slots)


def _placed(history: History, grid: Grid) -> NDArray[np.float64]:
    # Grid points stand at the slots' ends, and a sample counts for the slot that it lies in.
    at_ends = Grid(grid.start_ms + grid.step_ms - 1, grid.step_ms, grid.n_steps)
    values = align(history, at_ends, grid.step_ms).values
    return np.where(np.isfinite(values) & (values >= 0.0), values, np.nan)


def _beside(
    labels: tuple[LabelSet, ...], other: History, grid: Grid, entity: tuple[str, ...], kind: str
) -> NDArray[np.float32]:
    """Another metric of each subject's system: the sum over its devices, or the highest ratio."""
    result = np.full((len(labels), grid.n_steps), np.nan, np.float32)
    if not entity or not other.n_series:
        return result
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for row, each in enumerate(other.labels):
        rows_of.setdefault(_system(each, entity), []).append(row)
    values = _placed(other, grid)
    joined: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for row, each in enumerate(labels):
        system = _system(each, entity)
        if system in rows_of:
            if system not in joined:
                joined[system] = _joined(values[rows_of[system]], is_ratio=kind == "other_ratio")
            result[row] = joined[system]
    return result


def _joined(values: NDArray[np.float64], *, is_ratio: bool) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # slots in which nothing is known
        if is_ratio:
            highest: NDArray[np.float64] = np.nanmax(values, axis=0)
            return highest
        total = np.where(np.isfinite(values).any(axis=0), np.nansum(values, axis=0), np.nan)
    return np.log1p(total / _BYTES_PER_KILOBYTE)


def _system(labels: LabelSet, entity: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") or "" for name in entity)
