"""The smallest effect that a comparison of two groups can show."""

from __future__ import annotations

from math import sqrt

Z_ALPHA = 1.959964  # two-sided, alpha 5 %
Z_POWER = 0.841621  # power 80 %
STEPS = 60  # of bisection, far finer than any page shows


def smallest_effect(treated: int, control: int, base: float) -> float | None:
    """By how much the share of buyers must rise above `base` (0 to 1) so that a test of two proportions finds
    it in 80 % of cases at alpha 5 %; a difference of shares. None where even a rise to everybody is too
    small."""
    if treated < 1 or control < 1 or not 0 < base < 1:
        return None

    def lacks(effect: float) -> bool:
        raised = base + effect
        pooled = (treated * raised + control * base) / (treated + control)
        chance = Z_ALPHA * sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
        spread = Z_POWER * sqrt(raised * (1 - raised) / treated + base * (1 - base) / control)
        return effect < chance + spread

    low, high = 0.0, 1 - base
    if lacks(high):
        return None
    for _step in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if lacks(middle) else (low, middle)
    return high
