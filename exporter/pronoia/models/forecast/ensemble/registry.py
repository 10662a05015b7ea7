"""The members of the ensemble. Another one joins by standing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.models.forecast.ensemble.analogs import Analogs
from pronoia.models.forecast.ensemble.long_mean import LongMean
from pronoia.models.forecast.ensemble.network_prior import NetworkPrior
from pronoia.models.forecast.ensemble.persistence import Persistence
from pronoia.models.forecast.ensemble.recent_level import RecentLevel
from pronoia.models.forecast.ensemble.recent_values import RecentValues

if TYPE_CHECKING:
    from pronoia.models.forecast.ensemble.member import Member

#: Their order is the order of the weights.
MEMBERS: tuple[Member, ...] = (
    NetworkPrior(),
    RecentLevel(),
    LongMean(),
    Analogs(),
    Persistence(),
    RecentValues(),
)
