"""Trend to limit: how likely the headroom is used up by a time, from the slope's doubt and the rise's age.

A rise of age A goes on for another T with probability A / (A + T), which is all that can be said of something met at an
unknown moment of its life (Gott, Implications of the Copernican principle for our future prospects, Nature 363, 1993).
At the slope of each of four windows the headroom lasts for some T; the mean over the windows is the probability of
crossing, less the weight of a curve that levels off below the limit, and set against how earlier rises of the same
series ended. It needs no failure to have happened, and is wrong for a first rise that stops for reasons that the series
does not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.platt import logistic
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.headroom import SLOTS_PER_HORIZON
from pronoia.models.failure.odds import Odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SLOPES = [FEATURES.index(name) for name in ("use_16", "use_32", "use_rise", "use_later_half")]
_AGE, _OFF, _ROOM = (FEATURES.index(name) for name in ("rise_age", "levels_off", "asymptote_room"))
_SHARE = FEATURES.index("failure_share")
# A slope is known to a sixth of its logarithm's scale: at half the time it takes, crossing has odds of one in 64.
_SHARPNESS = 6.0
_LEAST_AGE = 8.0
# What is left where the windows disagree whether it rises at all.
_NO_RISE = 0.3
# The curve speaks from this gain in log-likelihood over a line on; an asymptote this close to the limit is no comfort.
_LEAST_GAIN = 4.0
# Calibration takes most of what the trend says back, and should not take back this.
_EARLIER_WEIGHT = 2.0
_CLIP = 1e-4


def trend_odds(features: NDArray[np.float32], within: NDArray[np.float64]) -> Odds:
    """Log-odds that the limit is reached by some times: the mean of the windows, the least and the greatest.

    Args:
        features: float32 (n_rows, n_features) as `headroom_features` gives them; rows of NaN give NaN.
        within: float64 (n_times,), positive, times in horizons: 1 is the horizon.
    """
    rises = np.maximum(features[:, _SLOPES].astype(np.float64), 1e-6)[:, :, None]
    age = features[:, _AGE].astype(np.float64)[:, None, None]
    crosses = 1.0 / (1.0 + (rises * within) ** -_SHARPNESS)
    known_age = np.maximum(age, _LEAST_AGE)
    persists = known_age / (known_age + SLOTS_PER_HORIZON / rises)
    each = crosses * persists * np.where(age > 0.0, 1.0, _NO_RISE)
    stays = 1.0 - level_off_weight(features)[:, None]
    earlier = earlier_log_odds(features)[:, None]
    point, low, high = (
        _log_odds(chosen * stays) + earlier for chosen in (each.mean(axis=1), each.min(axis=1), each.max(axis=1))
    )
    return Odds(point, low, high)


def level_off_weight(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far a curve that levels off below the limit is believed over a line, float64 (n_rows,) in 0-1."""
    gain = features[:, _OFF].astype(np.float64) / _LEAST_GAIN
    return np.where(features[:, _ROOM] < 1.0, logistic(gain - 1.0), 0.0)


def earlier_log_odds(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the ends of earlier rises add, float64 (n_rows,): 0 where there were none."""
    share = features[:, _SHARE].astype(np.float64)
    return _EARLIER_WEIGHT * np.log(share / (1.0 - share))


def rest_log_odds() -> float:
    """What is said of a system that does not rise at all and never did."""
    return float(np.log(_CLIP / (1.0 - _CLIP)))


def _log_odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(share, _CLIP, 1.0 - _CLIP)
    return np.log(kept / (1.0 - kept))
