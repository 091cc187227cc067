"""What a treatment changed: the difference between two groups with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True)
class Sums:
    """A group's size and the sum and sum of squares of what each of its people brought (any unit)."""

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
class Difference:
    """Treated minus control, a person, in the unit of the sums, with its 95 % interval."""

    value: float
    low: float
    high: float


def difference(treated: Sums, control: Sums) -> Difference:
    """Difference of means with Welch's standard error and the normal quantile (fit for hundreds of people in
    each group)."""
    value = treated.mean - control.mean
    error = Z95 * sqrt(treated.variance / max(1, treated.people) + control.variance / max(1, control.people))
    return Difference(value, value - error, value + error)
