"""From the histories of queries to a LoadHistory, and which of its subjects can be spoken of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import NoSeries
from pronoia.features.load import OTHERS, STATIC, LoadHistory, bridge_single_gaps, to_scale
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.pipeline.slotted import SlottedHistories
    from pronoia.series import History, LabelSet

_BYTES_PER_KILOBYTE = 1_024.0
# On the scale of loads; beyond it, one is as overloaded as another.
_HIGHEST = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A history and what it is of."""

    name: str
    history: History


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
    resource: ResolvedResource, utilisation: Source, companions: Mapping[str, Source], slotted: SlottedHistories,
    *, now_ms: int,
) -> RiskInput:  # fmt: skip
    """Place everything on slots, the last of which holds now.

    Args:
        resource: whose.
        utilisation: its query's history.
        companions: by kind, those of the other metrics.
        slotted: remembers what has been placed before.
        now_ms: the instant.

    Raises:
        NoSeries: if no series has a sample in the window.
    """
    grid = _grid(resource, now_ms)
    overlap_ms = int(resource.overlap_seconds * 1000)
    known = slotted.values(utilisation.name, utilisation.history, grid, overlap_ms)
    scaled = np.minimum(to_scale(known.astype(np.float64), resource.threshold), np.float32(_HIGHEST))
    seen = np.isfinite(scaled)
    if not seen.any():
        raise NoSeries(f"no sample of {resource.name} within {resource.history_seconds} s")
    # Where nobody was known yet there is nothing to learn from, and no day has been seen.
    first = int(np.argmax(seen.any(axis=0)))
    labels = utilisation.history.labels
    others = np.full((len(OTHERS), len(labels), grid.n_steps - first), np.nan, np.float32)
    for kind, other in companions.items():
        if resource.entity and other.history.n_series:
            values = slotted.values(other.name, other.history, grid, overlap_ms)[:, first:]
            rows = _systems(other.history.labels, labels, resource.entity)
            others[OTHERS.index(kind)] = _joined(values, rows, is_ratio=kind == "other_ratio")
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
    # A slot holds its end, not its start.
    last = (now_ms - 1) // slot_ms
    return Grid((last - n_slots + 1) * slot_ms, slot_ms, n_slots)


def _systems(others: tuple[LabelSet, ...], labels: tuple[LabelSet, ...], entity: tuple[str, ...]) -> list[list[int]]:
    """For each subject, the series of the other metric that are of the same system."""
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for row, each in enumerate(others):
        rows_of.setdefault(_system(each, entity), []).append(row)
    return [rows_of.get(_system(each, entity), []) for each in labels]


def _joined(values: NDArray[np.float32], rows: list[list[int]], *, is_ratio: bool) -> NDArray[np.float32]:
    """Another metric of each subject's system: the highest ratio, or log(1 + KB/s) of the sum over its devices."""
    nothing = len(values)
    padded = np.vstack([values, np.full((1, values.shape[1]), np.nan, np.float32)])
    result = padded[[each[0] if each else nothing for each in rows]]
    # Most systems have one series; of the others, the further ones are joined one after the other.
    for device in range(1, max(map(len, rows), default=0)):
        several = [row for row, each in enumerate(rows) if len(each) > device]
        further = padded[[rows[row][device] for row in several]]
        both = result[several]
        summed = np.where(np.isnan(both), further, both + np.nan_to_num(further))
        result[several] = np.fmax(both, further) if is_ratio else summed
    return result if is_ratio else np.log1p(result / np.float32(_BYTES_PER_KILOBYTE))


def _system(labels: LabelSet, entity: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") or "" for name in entity)
