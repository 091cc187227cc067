"""The lift and its interval."""

from __future__ import annotations

import numpy as np

from campaigns.algorithms.lift import ArmTotals, absolute_lift


def totals(values: np.ndarray) -> ArmTotals:
    return ArmTotals(len(values), float(values.sum()), float((values**2).sum()))


def test_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _trial in range(1000):
        found = absolute_lift(totals(rng.exponential(12, 800)), totals(rng.exponential(10, 200)))
        held += found.low <= 2 <= found.high
    assert 925 <= held <= 975  # 950 expected, +- 3.6 standard deviations


def test_empty_arms_have_no_lift() -> None:
    assert absolute_lift(ArmTotals(0, 0, 0), ArmTotals(0, 0, 0)).value == 0
