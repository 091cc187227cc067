"""What may be spent where, and how a solution or a conflict looks.

For placement i with spend x_i the expected return is concave,

    R_i(x) = r_i g_i(x),    g_i(x) = x (s_i + h_i) / (x + h_i),

a Michaelis-Menten (Hill, exponent 1) response through today's point: at the recent spend s_i it returns
exactly the measured average r_i. h_i is the half-saturation spend; with h_i infinite g_i(x) = x, the textbook
linear case. Conversions are C_i(x) = c_i g_i(x). All amounts are in one currency; the caller knows which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Binding = Literal["fixed", "maximum", "minimum", "nothing", "rest"]
Worth = Literal["more", "same", "less", ""]
BAND = 0.3  # how far a plan may move a placement from its recent spend


@dataclass(frozen=True)
class Problem:
    """What may be spent where. Arrays have shape (placements,); amounts in one currency, `unit` its smallest
    coin.

    returns: average return per unit of money at the recent spend. high: infinity where there is no limit.
    conversions: average conversions per unit of money. half_saturation: infinity where the return is taken to
    be proportional. recent: the spend the averages were measured at. band: how far a plan may move a
    placement from its recent share of the budget; None: as far as the bounds allow.
    """

    returns: Floats
    low: Floats
    high: Floats
    budget: float
    conversions: Floats
    half_saturation: Floats
    recent: Floats
    min_conversions: float = 0.0
    unit: float = 0.01
    band: float | None = None

    @classmethod
    def linear(
        cls,
        returns: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        budget: float,
        *,
        conversions: Sequence[float] | None = None,
        min_conversions: float = 0.0,
        unit: float = 0.01,
    ) -> Problem:
        """The textbook case: every unit of spend on a placement returns the same."""
        n = len(returns)
        return cls(
            np.asarray(returns, float),
            np.asarray(low, float),
            np.asarray(high, float),
            float(budget),
            np.zeros(n) if conversions is None else np.asarray(conversions, float),
            np.full(n, np.inf),
            np.zeros(n),
            min_conversions,
            unit,
        )

    def at(self, budget: float) -> Problem:
        """The same wishes with another budget."""
        return replace(self, budget=budget)

    def narrowed(self) -> Problem:
        """The bounds that this budget leaves, in whole coins: the band follows the budget."""
        high = _coins_below(self.high, self.unit)
        low = np.minimum(_coins_above(self.low, self.unit), high)
        if self.band is not None:
            low, high = change_band(self.recent, low, high, self.budget, band=self.band, unit=self.unit)
        return replace(self, low=low, high=high, band=None)

    def slope(self, spend: Floats) -> Floats:
        """g_i'(x): what one more unit of spend adds to `effect`, shape (placements,)."""
        linear = np.isinf(self.half_saturation)
        h = np.where(linear, 1.0, self.half_saturation)
        return np.where(linear, 1.0, h * (self.recent + h) / (spend + h) ** 2)

    def effect(self, spend: Floats) -> Floats:
        """g_i(x): spend as if the average return held, shape (placements,)."""
        linear = np.isinf(self.half_saturation)
        h = np.where(linear, 1.0, self.half_saturation)
        return np.where(linear, spend, spend * (self.recent + h) / (spend + h))


@dataclass(frozen=True)
class Solution:
    """A division of the budget.

    low, high: the bounds that held, with the band. shadow_price: the return of one more unit of budget. gap:
    how far the best return can lie above this one at most, as a share, before the rounding to whole coins.
    binding: what stops each placement. worth: what the next unit on it returns beside the same unit
    elsewhere; "" where no unit can be moved, or where the conversions decide. goal_binds: whether they do.
    """

    spend: Floats
    returns: Floats
    conversions: Floats
    low: Floats
    high: Floats
    shadow_price: float
    gap: float
    binding: list[Binding]
    worth: list[Worth]
    goal_binds: bool

    @property
    def total_spend(self) -> float:
        return float(self.spend.sum())

    @property
    def total_return(self) -> float:
        return float(self.returns.sum())


@dataclass(frozen=True)
class Conflict:
    """Why no division exists, and the smallest change of each kind that makes one possible (None: that alone
    does not help).

    budget_needed and conversions_reachable are totals; minimums_lowered has shape (placements,), amounts to
    take off; band_in_the_way: whether it is possible without the band.
    """

    minimums: float
    budget_needed: float | None
    conversions_reachable: float | None
    minimums_lowered: Floats | None = field(default=None)
    band_in_the_way: bool = False


def half_saturation(recent: Floats) -> Floats:
    """The prior for h_i, centred on today's spend (shape (placements,)); a placement never tried gets the
    median.

    With no recent spend at all the curves are straight (infinity).
    """
    known = recent[recent > 0]
    return np.where(recent > 0, recent, np.median(known) if known.size else np.inf)


def change_band(
    recent: Floats, low: Floats, high: Floats, budget: float, *, band: float = BAND, unit: float = 0.01
) -> tuple[Floats, Floats]:
    """Narrow hard bounds to +-band around the recent split, scaled to the budget, in whole coins. A placement
    without recent spend may get up to `band` of an average one. The hard bounds win, and so does the budget:
    band minimums that do not fit shrink."""
    total = recent.sum()
    if total <= 0 or budget <= 0:
        return low, high
    centre = recent * budget / total
    start = np.where(centre > 0, (1 + band) * centre, band * centre[centre > 0].mean())
    lower = np.clip(_coins_above((1 - band) * centre, unit), low, high)
    upper = np.clip(_coins_below(start, unit), lower, high)
    room = budget - low.sum()
    if lower.sum() > budget and room >= 0:
        lower = np.maximum(low, _coins_below(low + (lower - low) * room / (lower - low).sum(), unit))
    return lower, upper


def _coins_below(amounts: Floats, unit: float) -> Floats:
    return np.round(np.floor(amounts / unit + 1e-6) * unit, 6) + 0.0


def _coins_above(amounts: Floats, unit: float) -> Floats:
    return np.round(np.ceil(amounts / unit - 1e-6) * unit, 6) + 0.0  # no -0.0


def check(problem: Problem) -> None:
    """Raise ValueError unless 0 <= low <= high and the other amounts are finite and not negative."""
    for name in ("returns", "low", "conversions", "recent"):
        values = getattr(problem, name)
        if values.shape != problem.returns.shape or not np.all(np.isfinite(values)) or np.any(values < 0):
            raise ValueError(f"{name} must be finite, not negative and of shape {problem.returns.shape}")
    if not np.all(problem.low <= problem.high):
        raise ValueError("each minimum must be at most its maximum")
    if not 0 <= problem.budget < np.inf:
        raise ValueError("the budget must be finite and not negative")


def split(weights: Floats, low: Floats, high: Floats, budget: float) -> Floats:
    """The budget in proportion to `weights`, kept within the bounds (the baseline a plan is compared with).

    Finds t with sum clip(t w, low, high) = budget by bisection; less when the maximums do not take it all.
    """
    if not weights.sum() > 0 or not budget > 0:
        return low.copy()
    top = budget / weights[weights > 0].min()
    bottom = 0.0
    for _ in range(100):
        middle = (bottom + top) / 2
        if np.clip(middle * weights, low, high).sum() > budget:
            top = middle
        else:
            bottom = middle
    return np.clip(bottom * weights, low, high)
