"""What stops each placement, and what one more unit of money is worth on it."""

from __future__ import annotations

import numpy as np

from ads.algorithms.allocation.problem import Binding, Floats, Problem, Worth

SAME = 1e-6  # relative difference of two returns that are one


def stops(problem: Problem, spend: Floats) -> list[Binding]:
    """What stops each placement: a bound of its own, or the rest of the budget."""
    near = problem.unit / 2
    return [
        "fixed"
        if high - low <= near
        else "maximum"
        if amount >= high - near
        else "nothing"
        if amount <= near
        else "minimum"
        if amount <= low + near
        else "rest"
        for amount, low, high in zip(spend, problem.low, problem.high, strict=True)
    ]


def worths(problem: Problem, spend: Floats, binding: list[Binding]) -> list[Worth]:
    """What the next unit on each placement returns beside the same unit elsewhere: beside the least that is
    earned where money could be taken away for a placement at its maximum, beside the most that it earns where
    it could go instead for one at its minimum."""
    next_unit = problem.returns * problem.slope(spend)
    linear = np.isinf(problem.half_saturation)
    wide = np.where(linear, 1.0, spend + np.where(linear, 0.0, problem.half_saturation))
    # the rounding to whole coins moves what the next unit returns by as much
    blur = np.where(linear, SAME, SAME + 4 * problem.unit / wide)
    gives, takes = spend - problem.low > problem.unit / 2, problem.high - spend > problem.unit / 2
    found: list[Worth] = []
    for i, stop in enumerate(binding):
        others = np.arange(spend.size) != i
        if stop == "maximum":
            found.append(_beside(next_unit, blur, i, others & gives, least=True))
        elif stop in ("minimum", "nothing"):
            beside = others & takes if (others & takes & gives).any() else others & gives
            found.append(_beside(next_unit, blur, i, beside, least=not (beside & takes).any()))
        else:
            rest = [j for j, other in enumerate(binding) if other == "rest" and j != i]
            found.append("same" if stop == "rest" and rest else "")
    return found


def _beside(next_unit: Floats, blur: Floats, i: int, others: np.ndarray, *, least: bool) -> Worth:
    if not others.any():
        return ""
    places = np.flatnonzero(others)
    j = places[np.argmin(next_unit[places]) if least else np.argmax(next_unit[places])]
    own, other = next_unit[i], next_unit[j]
    if abs(own - other) <= (blur[i] + blur[j]) * max(own, other):
        return "same"
    return "more" if own > other else "less"
