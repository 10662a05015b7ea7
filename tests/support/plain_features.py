"""The definitions of all features, one row at a time, each window looked at anew: slow, and plain to read."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.load import OTHERS
from pronoia.features.slots import DAY, WEEK

if TYPE_CHECKING:
    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_PERIODS = {12: 24, 24: 24, 36: 16, 48: 14, 72: 14, 96: 14, 144: 14, 288: 14, 2_016: 4}


class PlainRow:
    """Features of one subject at one slot, by name; nothing after the slot is looked at."""

    def __init__(self, history: LoadHistory, row: int, t: int, window: Window) -> None:
        self._t, self._first, self._last = t, window.first, window.last
        self._row = row
        self._all_load = history.load[:, : t + 1].astype(np.float64)
        self._all_high, self._all_starts = history.is_high[:, : t + 1], history.starts[:, : t + 1]
        self._load = self._all_load[row]
        self._high, self._starts = self._all_high[row], self._all_starts[row]
        self._others = history.others[:, row, : t + 1].astype(np.float64)
        self._peers = history.systems == history.systems[row]
        self._before_grid = history.grid.start_ms // history.grid.step_ms
        self._static = history.static[row]

    def values(self) -> dict[str, float]:
        """All of them."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)
            return {
                **self._level(), **self._past_days(), **self._recurrence(), **self._renewal(), **self._period(),
                **self._companions(), **self._group(), **self._together(), **self._triggers(), **self._clock(),
            }  # fmt: skip

    def _newest(self, x: np.ndarray, span: int) -> np.ndarray:
        part = x[max(self._t - span + 1, 0) :]
        return part[~np.isnan(part)]

    def _any(self, flags: np.ndarray, first: int, last: int) -> bool:
        return bool(flags[max(first, 0) : max(last + 1, 0)].any())

    def _max(self, x: np.ndarray, first: int, last: int) -> float:
        part = x[max(first, 0) : max(last + 1, 0)]
        return float(np.nanmax(part)) if (~np.isnan(part)).any() else np.nan

    def _level(self) -> dict[str, float]:
        u, t = self._load, self._t
        found = {"load": u[t]}
        for lag in (1, 2, 3, 6, 12, 24, 48):
            found[f"load_lag_{lag}"] = u[t - lag] if t >= lag else np.nan
        means = {}
        for span in (3, 12, 48, DAY):
            known = self._newest(u, span)
            means[span] = known.mean() if len(known) else np.nan
            for what in ("mean", "std", "max", "min") if len(known) else ():
                if span < DAY or what != "min":
                    found[f"load_{what}_{span}"] = getattr(known, what)()
        for span in (12, 48):
            known = self._newest(u, span)
            found[f"load_p95_{span}"] = np.quantile(known, 0.95) if len(known) else np.nan
            found[f"n_high_{span}"], found[f"n_half_{span}"] = (known >= 0.9).sum(), (known >= 0.5).sum()
        found["n_high_288"], found["n_raised_12"] = (
            (self._newest(u, DAY) >= 0.9).sum(),
            (self._newest(u, 12) >= 0.8).sum(),
        )
        for span in (6, 12, 48):
            x = np.arange(max(t - span + 1, 0), t + 1) - t
            y = u[x + t]
            x, y = x[~np.isnan(y)], y[~np.isnan(y)]
            if len(x) >= 2:
                slope, end = np.polyfit(x, y, 1)
                found[f"load_slope_{span}"], found[f"load_extrapolated_{span}"] = slope, end + 6 * slope
        for short, long in ((3, 12), (12, 48), (48, DAY)):
            found[f"growth_{short}_{long}"] = means[short] / (means[long] + 0.01)
        missing = np.flatnonzero(np.isnan(u))
        found["slots_up"] = min(t - (missing[-1] if len(missing) else -1), 4_000)
        found["n_up_288"] = len(self._newest(u, DAY))
        return found

    def _past_days(self) -> dict[str, float]:
        u, n = self._load, self._t + 1
        known = np.sort([u[k] for k in range(self._t, max(self._t - WEEK, -1), -4) if not np.isnan(u[k])])
        found = {}
        if len(known):
            for name, share in (("week_p50", 0.5), ("week_p95", 0.95), ("week_p99", 0.99)):
                found[name] = known[int(share * (len(known) - 1))]
            found["load_per_p95"] = u[-1] / (found["week_p95"] + 0.02)
            found["load_above_p50"] = (u[-1] - found["week_p50"]) / (found["week_p95"] - found["week_p50"] + 0.02)
        week_high = self._high[-WEEK:]
        return found | {
            "high_share": self._high.mean(),
            "high_share_week": week_high.mean(),
            "n_starts_day": self._starts[-DAY:].sum(),
            "n_starts_week": self._starts[-WEEK:].sum(),
            "starts_per_day": self._starts.sum() * DAY / max(n, DAY),
            "days_seen": n / DAY,
        }

    def _recurrence(self) -> dict[str, float]:
        u, t, found = self._load, self._t, {}
        shifts = [d * DAY for d in range(1, 43) if t + self._first - d * DAY >= 0]
        spans = [(t + self._first - shift, t + self._last - shift) for shift in shifts]
        began = np.array([self._any(self._starts, a, b) for a, b in spans], dtype=bool)
        wide = np.array([self._any(self._starts, a - 2, b + 2) for a, b in spans], dtype=bool)
        maxima = [self._max(u, a, b) for a, b in spans[:7]]
        for day, most in enumerate(maxima, 1):
            found[f"day_{day}_max"] = most
        weights = 0.794 ** np.arange(1, len(spans) + 1)
        found |= {
            "n_days_start": began[:7].sum(),
            "n_days_start_wide": wide[:7].sum(),
            "n_days_high": sum(self._any(self._high, a, b) for a, b in spans[:7]),
            "days_max_mean": np.nanmean([*maxima, np.nan]),
            "days_max_max": np.nanmax([*maxima, np.nan]),
            "start_rate_decayed": (weights * began).sum() / (weights.sum() + 0.5),
            "start_rate_decayed_wide": (weights * wide).sum() / (weights.sum() + 0.5),
            "start_share": began.sum() / (len(spans) + 1),
            "days_since_start": np.argmax(began) + 1 if began.any() else 60,
        }
        weeks = [(t + self._first - w * WEEK, t + self._last - w * WEEK) for w in range(1, 5)]
        weeks = [(a, b) for a, b in weeks if a >= 0]
        if weeks:
            found["weeks_start_share"] = np.mean([self._any(self._starts, a - 1, b + 1) for a, b in weeks])
            found["weeks_high_share"] = np.mean([self._any(self._high, a, b) for a, b in weeks])
        if t >= DAY:
            found["day_1_hour_max"] = self._max(u, t - DAY + 1, t - DAY + 12)
            found["change_to_yesterday"] = u[t] - u[t - DAY]
            found["alike_yesterday"] = self._alike()
        for period, n_cycles in _PERIODS.items():
            cycles = [(t + self._first - c * period, t + self._last - c * period) for c in range(1, n_cycles + 1)]
            over = [(a, b) for a, b in cycles if a >= 0 and b <= t]
            for what, flags in (("start", self._starts), ("high", self._high)):
                if over:
                    n = sum(self._any(flags, a, b) for a, b in over)
                    found[f"cycle_{period}_{what}"] = n / (len(over) + 1)
            if period <= 144 and cycles[0] in over:
                found[f"cycle_{period}_max"] = self._max(u, *cycles[0])
        return found

    def _alike(self) -> float:
        now = self._load[max(self._t - 23, DAY) :]
        before = self._load[max(self._t - 23, DAY) - DAY :][: len(now)]
        both = ~np.isnan(now) & ~np.isnan(before)
        if both.sum() < 3:
            return np.nan
        x, y = now[both], before[both]
        if x.var() * len(x) <= 1e-12 or y.var() * len(y) <= 1e-12:
            return 0.0
        return float(np.corrcoef(x, y)[0, 1])

    def _renewal(self) -> dict[str, float]:
        t, high, starts = self._t, np.flatnonzero(self._high), np.flatnonzero(self._starts)
        starts = starts[starts > t - 20_000]
        found = {"slots_since_high": min(t - high[-1], 20_000) if len(high) else 20_000}
        if not len(starts):
            return found
        tau = t - starts[-1]
        found["slots_since_start"] = tau
        gaps = np.diff(starts)[::-1][:64]
        if not len(gaps):
            return found
        recent = np.sort(gaps[:20])
        median = recent[len(recent) // 2]
        spread = np.sort(np.abs(recent - median))[len(recent) // 2]
        ahead, middle = gaps - tau, (self._first + self._last) // 2
        in_window = ((ahead >= self._first) & (ahead <= self._last)).sum()
        longer = (ahead >= self._first).sum()
        near = ((ahead >= self._first - 2) & (ahead <= self._last + 2)).sum()
        return found | {
            "last_gap": gaps[0],
            "median_gap": median,
            "gap_spread": spread / median,
            "since_per_gap": (tau + middle) / median,
            "gap_left": median - tau - middle,
            "renewal_hazard": (in_window + 0.02) / (longer + 2),
            "n_longer_gaps": longer,
            "gaps_near_share": near / len(gaps),
            "gaps_in_window_share": in_window / (len(gaps) + 2),
        }

    def _period(self) -> dict[str, float]:
        t, found = self._t, {}
        offset = self._before_grid % DAY
        end = max((t + 1 + offset) // DAY * DAY - offset, 0)
        train, known = (
            self._starts[max(end - 14 * DAY, 0) : end].astype(float),
            self._load[max(end - 14 * DAY, 0) : end],
        )
        if train.sum() >= 4:
            curve = _autocorrelation(np.convolve(train, (0.5, 1.0, 0.5), mode="same"))
            if len(curve) > 7:
                lag = 6 + int(np.argmax(curve[6:]))
                found["start_period"], found["start_period_strength"] = lag, curve[lag] - np.median(curve[6:])
                ends = [(t + self._first - c * lag - 1, t + self._last - c * lag + 1) for c in range(1, 60)]
                over = [(a, b) for a, b in ends if a >= 0 and b <= t][:6]
                if over:
                    found["period_start_share"] = np.mean([self._any(self._starts, a, b) for a, b in over])
                    found["period_start_last"] = self._any(self._starts, *over[0])
        if len(known) > 12 and np.isfinite(known).mean() > 0.5:
            curve = _autocorrelation(np.where(np.isnan(known), np.nanmean(known), known))
            inner = [k for k in range(7, len(curve) - 1) if curve[k] > curve[k - 1] and curve[k] >= curve[k + 1]]
            if inner and len(curve) - 8 > 2:
                lag = max(inner, key=lambda k: curve[k])
                found["load_period"], found["load_period_strength"] = lag, curve[lag]
                for cycle in (1, 2):
                    a, b = t + self._first - cycle * lag, t + self._last - cycle * lag
                    found[f"load_period_max_{cycle}"] = self._max(self._load, a, min(b, t))
        return found

    def _companions(self) -> dict[str, float]:
        t, found = self._t, {}
        for name, x in zip(OTHERS, self._others, strict=True):
            day, mean_3, mean_48 = (np.mean(self._newest(x, span)) for span in (DAY, 3, 48))
            found |= {
                f"{name}_now": x[t],
                f"{name}_mean_3": mean_3,
                f"{name}_mean_3_over_48": mean_3 - mean_48,
                f"{name}_over_288": x[t] - day,
                f"{name}_max_12_over_288": self._max(x, t - 11, t) - day,
                f"{name}_change_3": x[t] - x[t - 3] if t >= 3 else np.nan,
            }
            yesterday = x[max(t + self._first - DAY, 0) : max(min(t + self._last - DAY, t) + 1, 0)]
            found[f"{name}_yesterday_over_288"] = np.nanmean(yesterday) - day
        return found

    def _group(self) -> dict[str, float]:
        t, starts = self._t, self._all_starts[self._peers]
        n = max(np.isfinite(self._all_load[self._peers, t]).sum(), 1)
        found = {"peers_high_share": self._all_high[self._peers, t].sum() / n}
        for span in (3, 6, DAY):
            found[f"peers_starts_{span}"] = starts[:, -span:].sum() / n
        spans = [(t + self._first - d * DAY, t + self._last - d * DAY) for d in range(1, 8)]
        found["peers_days_start"] = sum(self._any(each, a, b) for each in starts for a, b in spans if a >= 0) / n
        return found

    def _together(self) -> dict[str, float]:
        t, offset = self._t, self._before_grid % DAY
        day = (t + 1 + offset) // DAY
        end = max(day * DAY - offset, 0)
        when = [np.flatnonzero(each[:end]) for each in self._all_starts]
        weigh = lambda slots: (0.97 ** (day - (slots + offset) // DAY)).sum()  # noqa: E731
        mine = when[self._row]
        found = {"group_days_start": 0.0, "group_starts_6": 0.0, "group_weight": 0.0}
        for peer in np.flatnonzero(self._peers):
            if peer == self._row or not len(mine) or not len(when[peer]):
                continue
            back = mine[:, None] - when[peer]
            joint = weigh(np.repeat(mine, ((back >= 0) & (back <= 4)).sum(axis=1)))
            weight = joint / np.sqrt(weigh(mine) * weigh(when[peer]) + 1)
            if weight >= 0.1:
                starts = self._all_starts[peer]
                spans = [(t + self._first - d * DAY, t + self._last - d * DAY) for d in range(1, 8)]
                found["group_days_start"] += weight * sum(self._any(starts, a, b) for a, b in spans)
                found["group_starts_6"] += weight * starts[-6:].sum()
                found["group_weight"] += weight
        return found

    def _triggers(self) -> dict[str, float]:
        found = {}
        limits = (0.2, 0.2, 1.0, 1.0, 1.0, 1.0)
        for name, x, limit in zip(("load", *OTHERS), (self._load, *self._others), limits, strict=True):
            found[f"follows_jump_{name}"] = self._follows([_jumps(x, limit)], 3)
        others = [peer for peer in np.flatnonzero(self._peers) if peer != self._row]
        found["follows_peer_start"] = self._follows([self._all_starts[peer] for peer in others], 6)
        found["follows_peer_jump"] = self._follows([_jumps(self._all_load[peer], 0.2) for peer in others], 3)
        return found

    def _follows(self, triggers: list[np.ndarray], n_ages: int) -> float:
        """The highest rate of an overload in the window over what happens now; no more than 64 peers in these tests."""
        best, t = 0.0, self._t
        for flags in triggers if self._starts.any() else ():
            for age in range(min(n_ages, t + 1)):
                if flags[t - age]:
                    cases = [k for k in np.flatnonzero(flags) if k <= t - age - self._last][-64:]
                    n = sum(self._any(self._starts, k + age + self._first, k + age + self._last) for k in cases)
                    best = max(best, n / (len(cases) + 4))
        return best

    def _clock(self) -> dict[str, float]:
        slot = self._before_grid + self._t
        return {
            "slot_of_hour": slot % 12,
            "slot_of_day": slot % DAY,
            "weekday": (slot // DAY + 3) % 7,
            "cores": self._static[0],
            "log_memory_mebibytes": self._static[1],
        }


def _jumps(x: np.ndarray, limit: float) -> np.ndarray:
    known = np.append(np.zeros(1), x)  # before the first slot there is nothing that could be missing
    jumps = np.zeros(len(x), dtype=bool)
    if len(x) > 6:
        before = np.lib.stride_tricks.sliding_window_view(known, 7)[:-1]
        jumps[6:] = ~np.isnan(before).any(axis=1) & (x[6:] - before[:, 1:].mean(axis=1) >= limit)
    return jumps


def _autocorrelation(x: np.ndarray) -> np.ndarray:
    centred = x - x.mean()
    total = (centred**2).sum()
    n_lags = min(WEEK, len(x) // 2) + 1
    if total <= 1e-12:
        return np.zeros(n_lags)
    return np.correlate(centred, centred, mode="full")[len(x) - 1 :][:n_lags] / total
