"""Spans: which part of a history serves which purpose, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spans:
    """Slots at which each part begins; each ends where the next begins.

    Args:
        grow: the classifiers are fitted from here on,
        stop: judged here to know when to stop,
        calibrate: calibrated and blended here,
        end: and nothing from here on is known.

    Raises:
        ValueError: if they are not in this order, or a part is empty.
    """

    grow: int
    stop: int
    calibrate: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.grow < self.stop < self.calibrate < self.end:
            raise ValueError(
                f"slots {self.grow}, {self.stop}, {self.calibrate}, {self.end} to fit from, stop from, calibrate from "
                "and end at; each must be later than the one before"
            )
