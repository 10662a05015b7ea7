"""How unusual the steps of a system are, and which of its metrics make them so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not scored.

    Args:
        reason: `constant` and `few samples` speak of metrics, `gap` of steps without any sample.
        count: how many.
    """

    reason: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyScore:
    """Scores of n_steps steps of a system with n_metrics metrics.

    Args:
        score: float64 (n_steps,), 1 = the line, greater is anomalous; NaN where no sample is known.
        direction: float64 (n_steps,), 1 or -1: whether the metric that contributes most lies above or below what is
            expected; 0 where it lies on it.
        lower: float64 (n_steps, n_metrics), lower bound of what is expected, source unit; NaN for skipped metrics.
        upper: the same, upper bound.
        contributions: float64 (n_steps, n_metrics), each metric's share in the score; at most one together, NaN for
            skipped metrics.
        skipped: what was not scored, each reason once.
        groups: the group of each metric; those of one group say the same and are one cause. Empty: each is its own.

    Raises:
        ValueError: if shapes disagree, or a score or a share is negative.
    """

    score: NDArray[np.float64]
    direction: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    contributions: NDArray[np.float64]
    skipped: tuple[Skipped, ...] = ()
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        shapes = {"direction": self.score.shape, "lower": self.contributions.shape, "upper": self.contributions.shape}
        if self.score.ndim != 1 or self.contributions.shape[:1] != self.score.shape:
            raise ValueError(f"contributions of shape {self.contributions.shape} for scores of {self.score.shape}")
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, {shape} is needed")
        if self.groups and len(self.groups) != self.contributions.shape[1]:
            raise ValueError(f"{len(self.groups)} groups for contributions of {self.contributions.shape}")
        for name in ("score", "contributions"):
            if (getattr(self, name) < 0.0).any():
                raise ValueError(f"{name} is negative somewhere")
        for array in (self.score, self.direction, self.lower, self.upper, self.contributions):
            array.flags.writeable = False

    def is_anomalous(self) -> NDArray[np.bool_]:
        """Whether each step lies beyond the line, bool (n_steps,)."""
        beyond: NDArray[np.bool_] = self.score > 1.0
        return beyond

    def top(self, step: int, k: int = 3) -> tuple[int, ...]:
        """Indices of the metrics that contribute most to a step, the strongest first; at most k, one of each group."""
        shares = self.contributions[step]
        order = np.argsort(-np.where(np.isfinite(shares), shares, -1.0), kind="stable")
        first_of: dict[int, int] = {}
        for i in order.tolist():
            if shares[i] > 0.0:
                first_of.setdefault(self.groups[i] if self.groups else i, i)
        return tuple(first_of.values())[:k]


@dataclass(frozen=True, slots=True, eq=False)
class PeerScore:
    """How far each of n_peers siblings is from where the others have it, at n_steps steps.

    Args:
        score: float64 (n_steps, n_peers), 1 = the line, greater is an outlier; NaN where nothing can be said.
        direction: float64 (n_steps, n_peers), 1 or -1: whether it lies above or below what is expected, 0 on it, NaN
            where nothing can be said.
        expected: float64 (n_steps, n_peers), where it would be if it went with the others, source unit.
        skipped: what was not scored, each reason once; `few samples` counts siblings, `few peers` steps.

    Raises:
        ValueError: if shapes disagree, or a score is negative.
    """

    score: NDArray[np.float64]
    direction: NDArray[np.float64]
    expected: NDArray[np.float64]
    skipped: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        if self.score.ndim != 2:
            raise ValueError(f"score has shape {self.score.shape}, (n_steps, n_peers) is needed")
        for name in ("direction", "expected"):
            if getattr(self, name).shape != self.score.shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, {self.score.shape} is needed")
        if (self.score < 0.0).any():
            raise ValueError("score is negative somewhere")
        for array in (self.score, self.direction, self.expected):
            array.flags.writeable = False

    def outliers(self, step: int) -> tuple[int, ...]:
        """Indices of the siblings beyond the line at a step, the farthest first."""
        scores = np.where(np.isfinite(self.score[step]), self.score[step], 0.0)
        return tuple(int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 1.0)
