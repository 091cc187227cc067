"""Ad reports of the demo shop: eight placements, each with diminishing returns, daily."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.demo.catalogue import Floats, Ints

DAYS = 90
# For each placement: mean daily spend in pounds, price of a click, clicks per impression, best conversion
# rate, daily spend at which half of the reachable conversions are made, revenue of a conversion.
ECONOMICS = np.array(
    [
        (60, 0.35, 0.080, 0.075, 90, 78),
        (180, 0.95, 0.035, 0.045, 260, 70),
        (220, 0.60, 0.012, 0.050, 320, 74),
        (200, 0.70, 0.009, 0.032, 240, 62),
        (140, 0.55, 0.008, 0.022, 160, 58),
        (80, 0.45, 0.014, 0.070, 70, 66),
        (110, 0.40, 0.010, 0.012, 150, 48),
        (60, 0.50, 0.011, 0.016, 120, 52),
    ],
    dtype=float,
)


@dataclass(frozen=True)
class AdDays:
    """Arrays of shape (placements, DAYS), the last column being yesterday. Spend and revenue in pounds."""

    impressions: Ints
    clicks: Ints
    conversions: Ints
    spend: Floats
    revenue: Floats


def ad_days(seed: int) -> AdDays:
    rng = np.random.default_rng([seed, 3])
    shape = (len(ECONOMICS), DAYS)
    mean, cpc, click_rate, conversion_rate, half, value = (column[:, None] for column in ECONOMICS.T)
    week = 1 + 0.15 * np.sin(2 * np.pi * np.arange(DAYS) / 7)
    spend = mean * week * rng.lognormal(0, 0.22, shape)
    clicks = rng.poisson(spend / cpc)
    impressions = clicks + rng.poisson(clicks * (1 / click_rate - 1))
    saturation = 1 / (1 + spend / (2 * half))
    conversions = rng.binomial(clicks, conversion_rate * saturation)
    revenue = conversions * value * rng.lognormal(0, 0.08, shape)
    return AdDays(impressions, clicks, conversions, spend, revenue)
