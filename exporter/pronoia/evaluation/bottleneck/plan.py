"""BottleneckPlan: the protocol of a bottleneck backtest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.features.slots import DAY, WINDOWS, Window
from pronoia.models.bottleneck.fit import RiskSettings
from pronoia.models.bottleneck.spans import Spans

if TYPE_CHECKING:
    from pronoia.series import Grid

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class BottleneckPlan:
    """How a recording is split, and what is predicted.

    Args:
        train_until_ms: the classifiers know nothing from here on.
        calibrate_until_ms: calibration and thresholds know nothing from here on; the rest is the test.
        test_until_ms: end of the test; None takes all.
        stop_days: the last days of training, by which it is told when to stop.
        slot_ms: length of a slot.
        window: slots ahead that are predicted; the default is 15 to 30 minutes.
        targets: what is predicted.
        seed: of what is drawn.
        members: which of `MEMBERS` are blended, trees first.
        blend: their weights; none gives trees 0.7 and the others the rest.
        is_blend_fitted: whether the weights are fitted to the calibration slice instead.
        calibration: one of `CALIBRATIONS`.
    """

    train_until_ms: int
    calibrate_until_ms: int
    test_until_ms: int | None = None
    stop_days: float = 5.0
    slot_ms: int = 5 * _MINUTE_MS
    window: Window = WINDOWS[1]
    targets: tuple[str, ...] = ("state", "onset")
    seed: int = 0
    members: tuple[str, ...] = ("trees",)
    blend: tuple[float, ...] = ()
    is_blend_fitted: bool = False
    calibration: str = "platt"

    def settings_of(self, target: str) -> RiskSettings:
        """How a target is fitted."""
        return replace(
            RiskSettings.of(target, self.seed),
            members=self.members,
            blend=self.blend,
            is_blend_fitted=self.is_blend_fitted,
            calibration=self.calibration,
        )

    def spans(self, grid: Grid) -> Spans:
        """The parts of a recording's grid.

        Raises:
            ConfigError: if one of them is empty.
        """
        calibrate = self._slot(grid, self.train_until_ms)
        stop = calibrate - round(self.stop_days * DAY)
        end = self._slot(grid, self.calibrate_until_ms)
        try:
            return Spans(0, stop, calibrate, end)
        except ValueError as error:
            raise ConfigError([ConfigProblem("--train-until", f"does not split the recording: {error}")]) from error

    def test(self, grid: Grid) -> tuple[int, int]:
        """First slot of the test and the one after its last.

        Raises:
            ConfigError: if there is nothing to test on.
        """
        first = self._slot(grid, self.calibrate_until_ms)
        end = grid.n_steps if self.test_until_ms is None else min(self._slot(grid, self.test_until_ms), grid.n_steps)
        if not 0 <= first < end - self.window.last:
            raise ConfigError([ConfigProblem("--calibrate-until", "leaves nothing of the recording to test on")])
        return first, end

    @staticmethod
    def _slot(grid: Grid, instant_ms: int) -> int:
        return -(-(instant_ms - grid.start_ms) // grid.step_ms)
