"""Ad reports of the demo shop: eight placements, each with diminishing returns, daily for 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from ads.models import AdReport
from shop.demo.catalogue import Floats, Ints
from shop.demo.vocabulary import PER_POUND

DAYS = 90
PLACEMENTS = {  # by language: (platform, placement), in the order of ECONOMICS
    "en": (
        ("Google Ads", "Search: brand"),
        ("Google Ads", "Search: generic"),
        ("Google Ads", "Shopping feed"),
        ("Meta Ads", "Instagram feed"),
        ("Meta Ads", "Facebook feed"),
        ("Meta Ads", "Retargeting"),
        ("TikTok Ads", "In-feed video"),
        ("TikTok Ads", "Spark ads"),
    ),
    "zh-hans": (
        ("百度推广", "搜索：品牌词"),
        ("百度推广", "搜索：通用词"),
        ("百度推广", "商品推广"),
        ("微信广告", "朋友圈"),
        ("微信广告", "公众号"),
        ("微信广告", "再营销"),
        ("抖音", "信息流视频"),
        ("抖音", "达人合作"),
    ),
}
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


def write_ad_reports(*, seed: int, language: str, currency: str, until: datetime) -> None:
    """Invent the reports of the DAYS days before `until`."""
    made, rate = ad_days(seed), PER_POUND.get(currency, 1.0)
    first = until.astimezone(UTC).date() - timedelta(days=DAYS)
    AdReport.objects.bulk_create(
        AdReport(
            day=first + timedelta(days=day),
            platform=platform,
            placement=placement,
            impressions=int(made.impressions[row, day]),
            clicks=int(made.clicks[row, day]),
            conversions=int(made.conversions[row, day]),
            spend=_amount(made.spend[row, day] * rate),
            revenue=_amount(made.revenue[row, day] * rate),
            currency=currency,
        )
        for row, (platform, placement) in enumerate(PLACEMENTS[language])
        for day in range(DAYS)
    )


def _amount(value: float) -> Decimal:
    return Decimal(str(round(float(value), 2)))
