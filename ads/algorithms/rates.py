"""Rates of ad placements from counts, shrunk to their platform's mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ads.algorithms.allocation import Floats

PRIOR_EVENTS = 10.0  # the platform's mean weighs as much as this many events of the placement's own


def shrunk_ratio(events: Floats, trials: Floats, group: npt.NDArray[np.int64]) -> Floats:
    """events / trials of each row, pulled to its group's mean; shape (rows,), NaN in a group without events.

    The gamma-Poisson posterior mean (e_i + a) / (t_i + a / m_g) with a = PRIOR_EVENTS and m_g the group's
    pooled ratio: a placement with 10 conversions lies half-way between its own rate and its platform's, one
    with 1,000 keeps its own.
    """
    total = np.bincount(group, events)[group]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(total > 0, total / np.bincount(group, trials)[group], np.nan)
        return (events + PRIOR_EVENTS) / (trials + PRIOR_EVENTS / mean)


def shrunk_value(revenue: Floats, conversions: Floats, group: npt.NDArray[np.int64]) -> Floats:
    """Revenue of one conversion, pulled to its group's mean as if PRIOR_EVENTS conversions had returned that;
    0 without any."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nan_to_num(
            np.bincount(group, revenue)[group] / np.bincount(group, conversions)[group], posinf=0.0
        )
    return (revenue + PRIOR_EVENTS * mean) / (conversions + PRIOR_EVENTS)
