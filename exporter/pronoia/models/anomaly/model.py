"""AnomalyModel: preparation, detector and line, fitted to one history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.anomaly.alike import groups_of
from pronoia.models.anomaly.calibration import fit_line, unseen
from pronoia.models.anomaly.catalogue import DEFAULT_DETECTOR, make_detector
from pronoia.models.anomaly.moving import MovingScale
from pronoia.models.anomaly.prepare import MIN_STEPS, Preparation, prepare
from pronoia.predictions.anomaly import AnomalyScore, Skipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.anomaly.contract import FittedDetector

DIRECTIONS = ("both", "high", "low")
#: False alarms a day where nothing else is asked for.
FALSE_ALARMS_PER_DAY = 0.1
#: Steps below which no history is learnt from.
MIN_HISTORY_STEPS = 2 * MIN_STEPS
# A missing value counts as the one before for as long as a sample stands for now in PromQL.
_CARRIED_SECONDS = 300.0
# Bounds of what is expected, in moving spreads.
_EXPECTED_SPREADS = 3.0


@dataclass(frozen=True, slots=True)
class AnomalySettings:
    """How a system is watched.

    Args:
        step_seconds: distance of two steps.
        detector: one of `detector_names`.
        false_alarms_per_day: episodes a day that are aimed at.
        direction: which deviations count: `both`, `high` or `low`.
        min_absolute: least deviation from the expected value, in the metric's unit, that counts.
        min_relative: the same as a share of the expected value's size.
    """

    step_seconds: float
    detector: str = DEFAULT_DETECTOR
    false_alarms_per_day: float = FALSE_ALARMS_PER_DAY
    direction: str = "both"
    min_absolute: float = 0.0
    min_relative: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyModel:
    """What is usual for n_metrics metrics of one system.

    Args:
        settings: how it was fitted.
        n_metrics: metrics of the history.
        preparation: of values.
        detector: fitted to the whole history.
        scale: level and spread at the end of the history, from which ranges are expected.
        line: raw score where alarms begin.
        groups: the group of each metric, those that say the same being in one.
    """

    settings: AnomalySettings
    n_metrics: int
    preparation: Preparation
    detector: FittedDetector
    scale: MovingScale
    line: float
    groups: tuple[int, ...]

    def score(self, test: NDArray[np.float64]) -> AnomalyScore:
        """Score the steps right after the history, float64 (n_steps, n_metrics); changes nothing in the model.

        Raises:
            ModelError: if there are other metrics than in the history.
        """
        return self.advance(test)[0]

    def advance(self, test: NDArray[np.float64]) -> tuple[AnomalyScore, AnomalyModel]:
        """The score, and the same model at the end of these steps, so that no step has to be scored twice.

        What comes next is then scored as it would be together with these steps. Line and components stay those of the
        history.

        Raises:
            ModelError: if there are other metrics than in the history.
        """
        if test.ndim != 2 or test.shape[1] != self.n_metrics:
            raise ModelError("anomaly", f"values of shape {test.shape}; (n_steps, {self.n_metrics}) is needed")
        own = self.preparation
        carried_steps = max(_CARRIED_SECONDS / self.settings.step_seconds, 1.0)
        prepared, is_unknown, preparation = own.advance(test, carried_steps)
        parts, detector = self.detector.advance(prepared)
        parts[is_unknown] = 0.0
        level, spread, deviations, scale = self.scale.expected(prepared)
        counts = self._counts(prepared, level, deviations)
        known = np.isfinite(test[:, own.kept]).any(axis=1)
        score = np.where(counts, parts, 0.0).mean(axis=1) / self.line
        shares = parts / np.maximum(parts.sum(axis=1, keepdims=True), 1e-300)
        result = AnomalyScore(
            score=np.where(known, score, np.nan),
            direction=np.sign(np.take_along_axis(deviations, parts.argmax(axis=1)[:, None], axis=1)[:, 0]),
            lower=self._spread_out(own.centre + own.scale * (level - _EXPECTED_SPREADS * spread)),
            upper=self._spread_out(own.centre + own.scale * (level + _EXPECTED_SPREADS * spread)),
            contributions=self._spread_out(shares),
            groups=self.groups,
            skipped=tuple(
                Skipped(reason, count)
                for reason, count in (
                    ("constant", own.n_constant),
                    ("few samples", own.n_empty),
                    ("gap", int((~known).sum())),
                )
                if count
            ),
        )
        return result, replace(self, preparation=preparation, detector=detector, scale=scale)

    def _counts(
        self, prepared: NDArray[np.float64], level: NDArray[np.float64], deviations: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        own, wanted = self.preparation, self.settings
        away = np.abs(prepared - level) * own.scale
        usual = np.abs(own.centre + own.scale * level)
        counts: NDArray[np.bool_] = (away >= wanted.min_absolute) & (away >= wanted.min_relative * usual)
        if wanted.direction != "both":
            counts &= deviations > 0.0 if wanted.direction == "high" else deviations < 0.0
        return counts

    def _spread_out(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        full = np.full((len(values), self.n_metrics), np.nan)
        full[:, self.preparation.kept] = values
        return full


def fit_anomalies(train: NDArray[np.float64], settings: AnomalySettings) -> AnomalyModel:
    """Fit to a history, float64 (n_steps, n_metrics), NaN where nothing is known; it may hold some anomalies.

    The detector is fitted three times: to half and to three quarters, so that the quarters after these show how high it
    scores what it has not seen, and to all of it.

    Raises:
        ConfigError: if there is no such detector, or its library is missing.
        ModelError: if the history cannot be learnt from.
    """
    if train.ndim != 2 or len(train) < MIN_HISTORY_STEPS:
        needed = f"at least ({MIN_HISTORY_STEPS}, n_metrics) is needed"
        raise ModelError("anomaly", f"history of shape {train.shape}; {needed}")
    detector = make_detector(settings.detector)
    preparation, prepared = prepare(train)
    raw = unseen(prepared, lambda known, new: detector.fit(known, settings.step_seconds).advance(new)[0].mean(axis=1))
    line = fit_line(raw, settings.false_alarms_per_day, settings.step_seconds)
    start = MovingScale.start(prepared.shape[1], settings.step_seconds)
    fitted = detector.fit(prepared, settings.step_seconds)
    scale = start.deviations(prepared)[1]
    # Metrics that are not scored are alone.
    groups = np.arange(train.shape[1])
    groups[preparation.kept] = preparation.kept[groups_of(prepared)]
    return AnomalyModel(settings, train.shape[1], preparation, fitted, scale, line, tuple(groups.tolist()))
