"""When an alert fires again: from the gaps between its firings, and from the same time on earlier days.

A renewal process (Cox, Renewal theory, 1962) with gaps known to a twentieth or better; both estimates are shrunk to
those of a process without memory at the alert's mean rate. It knows nothing of what the alert looks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.series import LabelSet, SeriesFrame

#: A firing that begins within five minutes of the end of another is the same.
SAME_FIRING_SECONDS = 300.0
_DAY_SECONDS = 86_400.0
_LEAST_DAYS, _MOST_DAYS = 3, 14
# Weight of a process without memory, in firings.
_PRIOR_FIRINGS = 0.5
# How well a gap is known at most: a twentieth of it, less where all are alike, and no better than a minute.
_GAP_SHARE, _LEAST_GAP_SECONDS, _LEAST_GAPS = 0.05, 60.0, 4
_CLIP = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Firings:
    """When one alert began to fire.

    Args:
        labels: of the alert, without the metric's name and its state.
        starts_seconds: float64 (n,), rising.
        since_seconds: from when on it is known whether it fires.
        is_firing: whether it fires now.
    """

    labels: LabelSet
    starts_seconds: NDArray[np.float64]
    since_seconds: float
    is_firing: bool


def firings_of(frame: SeriesFrame, since_seconds: float, now_seconds: float) -> tuple[Firings, ...]:
    """The firings in samples of `ALERTS{alertstate="firing"}`, less those of Pronoia.

    Its own alerts have `predictive="true"` or `stem="anomaly"`. A firing that goes on at the very beginning has no
    known start.

    Args:
        frame: the samples.
        since_seconds: when they begin.
        now_seconds: Unix time.
    """
    found = []
    for labels, times_ms, values in frame:
        if labels.get("predictive") == "true" or labels.get("stem") == "anomaly":
            continue
        is_known = np.isfinite(values)
        times = times_ms[is_known] / 1_000.0
        if not len(times):
            continue
        begins = times[np.diff(times, prepend=since_seconds) > SAME_FIRING_SECONDS]
        # A staleness marker after the last sample is its end.
        is_firing = bool(is_known[-1]) and now_seconds - float(times[-1]) <= SAME_FIRING_SECONDS
        found.append(Firings(labels.without("__name__", "alertstate"), begins, since_seconds, is_firing))
    return tuple(found)


def firing_probability(
    firings: Firings, horizons_seconds: tuple[float, ...], now_seconds: float
) -> NDArray[np.float64]:
    """Probability that it begins to fire within each horizon, float64 (n_horizons,), rising; NaN while it fires.

    Args:
        firings: when it did.
        horizons_seconds: ascending.
        now_seconds: Unix time.
    """
    ahead = np.array(horizons_seconds, dtype=np.float64)
    if firings.is_firing:
        return np.full(len(ahead), np.nan)
    starts, known = firings.starts_seconds, max(now_seconds - firings.since_seconds, 1.0)
    memoryless = -np.expm1(-(len(starts) + _PRIOR_FIRINGS) / known * ahead)
    log_odds = [_log_odds(_renewal(starts, ahead, now_seconds, memoryless))]
    n_days = min(int(known // _DAY_SECONDS), _MOST_DAYS)
    if n_days >= _LEAST_DAYS:
        log_odds.append(_log_odds(_on_earlier_days(starts, ahead, now_seconds, memoryless, n_days)))
    said = 1.0 / (1.0 + np.exp(-np.mean(log_odds, axis=0)))
    return np.asarray(np.maximum.accumulate(said), np.float64)


def _renewal(
    starts: NDArray[np.float64], ahead: NDArray[np.float64], now_seconds: float, memoryless: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of the gaps that were longer than it has been since the last firing, the share that ended within the horizon."""
    from scipy.special import ndtr

    gaps = np.diff(starts)
    if not len(gaps):
        return memoryless
    since = now_seconds - starts[-1]
    deviation = np.maximum(np.minimum(_GAP_SHARE * gaps, _bandwidth(gaps)), _LEAST_GAP_SECONDS)
    survived = ndtr((gaps - since) / deviation)
    survive_on = ndtr((gaps[:, None] - since - ahead) / deviation[:, None])
    ended = (survived[:, None] - survive_on).sum(axis=0)
    return np.asarray((ended + _PRIOR_FIRINGS * memoryless) / (survived.sum() + _PRIOR_FIRINGS), np.float64)


def _bandwidth(gaps: NDArray[np.float64]) -> float:
    """Silverman's rule (Density estimation, 1986) for the gaps' own spread; no bound while there are few."""
    return float(1.06 * np.std(gaps) * len(gaps) ** -0.2) if len(gaps) >= _LEAST_GAPS else np.inf


def _on_earlier_days(
    starts: NDArray[np.float64],
    ahead: NDArray[np.float64],
    now_seconds: float,
    memoryless: NDArray[np.float64],
    n_days: int,
) -> NDArray[np.float64]:
    """The share of earlier days on which it began to fire in the same time of day."""
    then = now_seconds - _DAY_SECONDS * np.arange(1, n_days + 1)[:, None]
    n_starts = np.searchsorted(starts, then + ahead, side="right") - np.searchsorted(starts, then, side="right")
    n_hits = (n_starts > 0).sum(axis=0)
    return np.asarray((n_hits + _PRIOR_FIRINGS * memoryless) / (n_days + _PRIOR_FIRINGS), np.float64)


def _log_odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(share, _CLIP, 1.0 - _CLIP)
    return np.asarray(np.log(kept / (1.0 - kept)), np.float64)
