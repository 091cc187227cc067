"""Lift: what a treatment changed, as the difference between two arms with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True)
class ArmTotals:
    """The size of an arm, and the sum and sum of squares of one figure of each of its people (any unit)."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Unbiased sample variance; 0 below two people."""
        return (
            max(0.0, (self.squares - self.people * self.mean**2) / (self.people - 1))
            if self.people > 1
            else 0.0
        )


@dataclass(frozen=True)
class Lift:
    """Mean of the treated minus mean of the control, in the unit of the totals, with its 95 % interval."""

    value: float
    low: float
    high: float


def absolute_lift(treated: ArmTotals, control: ArmTotals) -> Lift:
    """Difference of means with Welch's standard error (1947) and the normal quantile: fit for hundreds of
    people in each arm."""
    value = treated.mean - control.mean
    error = Z95 * sqrt(treated.variance / max(1, treated.people) + control.variance / max(1, control.people))
    return Lift(value, value - error, value + error)
