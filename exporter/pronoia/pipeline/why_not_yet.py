"""Why nothing is told yet, in words for the log and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration
from pronoia.models.forecast.prepare import MIN_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.config.resolved_anomaly import ResolvedWatch

_OF_SERIES = {
    "no_data": "without any sample",
    "too_short": "with fewer than the {samples} that are needed",
    "ended": "without samples lately",
    "gaps": "with too few samples between too many gaps",
    "too_large": "with values that are too large",
}
_OF_WATCH = {
    "no_system": "{n} series without any of the labels {by}",
    "unread_query": "{n} queries that could not be read",
    "warm_up": "{n} with less than {warm_up} of history, which it takes to learn what is usual: {left} more at most",
    "not_learnable": "{n} of which nothing could be learnt, as was logged",
}


def why_no_forecast(skipped: Mapping[str, int], n_waiting: int, step_seconds: int) -> str:
    """Why no series of a query has a forecast yet.

    Args:
        skipped: how many series could not be fitted, by reason.
        n_waiting: how many have not been tried yet.
        step_seconds: distance of the samples of a fit.

    >>> why_no_forecast({"too_short": 1}, 3, 300)
    'the first fit is not done yet: 3 series being fitted, 1 with fewer than the 16 samples (1h20m) that are needed'
    >>> why_no_forecast({"too_short": 1}, 0, 300)
    'none of 1 series could be fitted: 1 with fewer than the 16 samples (1h20m) that are needed'
    """
    samples = f"{MIN_SAMPLES} samples ({format_duration(MIN_SAMPLES * step_seconds * 1000)})"
    reasons = [f"{n} {_OF_SERIES.get(reason, reason).format(samples=samples)}" for reason, n in skipped.items() if n]
    if n_waiting:
        reasons.insert(0, f"{n_waiting} series being fitted")
        return f"the first fit is not done yet: {', '.join(reasons)}"
    return f"none of {sum(skipped.values())} series could be fitted: {', '.join(reasons)}"


def why_no_score(watch: ResolvedWatch, n_subjects: int, skipped: Mapping[str, int], left_seconds: float) -> str:
    """Why no series or system of a watch has a score yet.

    Args:
        watch: which.
        n_subjects: its series or systems.
        skipped: what is not scored, by reason.
        left_seconds: until the youngest of them has enough history.
    """
    told = {
        "by": " or ".join(watch.by),
        "warm_up": format_duration(watch.warm_up_seconds * 1000),
        "left": format_duration(int(max(-(-left_seconds // 60), 1)) * 60_000),
    }
    reasons = [words.format(n=n, **told) for reason, words in _OF_WATCH.items() if (n := skipped.get(reason))]
    n_learnt = n_subjects - skipped.get("warm_up", 0) - skipped.get("not_learnable", 0)
    if n_learnt > 0:
        reasons.append(f"{n_learnt} being learnt")
    who = "systems" if watch.kind == "system" else "series"
    return f"nothing can be said of any of {n_subjects} {who} yet: {'; '.join(reasons) or 'there are none'}"
