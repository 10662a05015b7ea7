"""How good probabilities within each horizon are, as the exporter tells them, on a recording."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from pronoia.evaluation.classification.scores import (
    average_precision,
    brier_skill,
    expected_calibration_error,
)
from pronoia.features.labels import TARGETS, labels_of
from pronoia.features.slots import HIGH, WINDOWS, Window
from pronoia.models.bottleneck.horizons import window_features

if TYPE_CHECKING:
    from pronoia.features.load import LoadHistory
    from pronoia.models.bottleneck.horizons import HorizonRisks

# Rows next to each other say much the same, and each costs 100 microseconds.
_EVERY_SLOTS = 5


@dataclass(frozen=True, slots=True)
class HorizonScore:
    """What was reached on one target within one horizon; scores as in `evaluation.classification.scores`.

    Args:
        target: `state` or `onset`.
        slots: the horizon.
        n_rows, n_positives: of the test.
        average_precision, current_value: PR-AUC of the probability, and of the load as it is now.
        below, current_value_below: the same on rows that are now below the threshold.
        brier_skill, calibration_error: of the probability.
        said, happened: mean probability, and share of rows where it happened.
    """

    target: str
    slots: int
    n_rows: int
    n_positives: int
    average_precision: float
    current_value: float
    below: float
    current_value_below: float
    brier_skill: float
    calibration_error: float
    said: float
    happened: float


def score_horizons(history: LoadHistory, risks: HorizonRisks, first: int, end: int) -> list[HorizonScore]:
    """Score all targets and horizons on every fifth slot from `first` to before `end`.

    Rows are those of which all is known until the longest horizon; of onsets, those that have been clean.
    """
    scores = []
    longest = Window(1, WINDOWS[-1].last)
    judged = labels_of("state", history, longest).scorable.copy()
    kept = np.zeros(history.grid.n_steps, np.bool_)
    kept[first : end - longest.last : _EVERY_SLOTS] = True
    rows, slots = np.nonzero(judged & kept)
    within = risks.hazards(window_features(history, rows, slots)).within().point
    load = history.load[rows, slots].astype(np.float64)
    for t, target in enumerate(TARGETS):
        for k, window in enumerate(WINDOWS):
            truth = labels_of(target, history, Window(1, window.last))
            asked = truth.scorable[rows, slots]
            happened, said, current = truth.happened[rows, slots][asked], within[asked, t, k], load[asked]
            below = current < HIGH
            scores.append(
                HorizonScore(
                    target=target,
                    slots=window.last,
                    n_rows=len(happened),
                    n_positives=int(happened.sum()),
                    average_precision=average_precision(happened, said),
                    current_value=average_precision(happened, current),
                    below=average_precision(happened[below], said[below]),
                    current_value_below=average_precision(happened[below], current[below]),
                    brier_skill=brier_skill(happened, said),
                    calibration_error=expected_calibration_error(happened, said),
                    said=float(said.mean()) if len(said) else float("nan"),
                    happened=float(happened.mean()) if len(said) else float("nan"),
                )
            )
    return scores


def horizon_table(scores: list[HorizonScore]) -> Table:
    """One row for each target and horizon."""
    table = Table(title="probability within each horizon; PR-AUC of the current value in brackets")
    for column in ("target", "slots", "rows", "positive", "PR-AUC", "now below", "Brier skill", "ECE", "said", "came"):
        table.add_column(column, justify="left" if column == "target" else "right")
    for each in scores:
        table.add_row(
            each.target,
            str(each.slots),
            f"{each.n_rows:,}",
            f"{each.n_positives:,}",
            f"{each.average_precision:.3f} ({each.current_value:.3f})",
            f"{each.below:.3f} ({each.current_value_below:.3f})",
            f"{each.brier_skill:.3f}",
            f"{each.calibration_error:.4f}",
            f"{each.said:.4f}",
            f"{each.happened:.4f}",
        )
    return table


def horizon_figures(scores: list[HorizonScore]) -> list[dict[str, Any]]:
    """All figures, ready for `json.dump`; what is not known is null."""
    return [
        {name: None if isinstance(value, float) and value != value else value for name, value in asdict(each).items()}  # noqa: PLR0124
        for each in scores
    ]
