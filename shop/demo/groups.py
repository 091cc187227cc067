"""The groups of customers planted in the demo shop. They live here and in the seed only, never in the
database, so that what the segments find can be scored against what was planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Group:
    """How one kind of customer behaves. Days count back from now; `tiers` weighs cheap, middle and expensive
    products; `taste` weighs the eight categories in the order of `shop.demo.vocabulary`.

    Nothing changes as now comes near: who is still a customer orders as before, new customers come back as
    others did when they were new, and customers were lost at any time. What is learned from earlier months
    holds in the latest.
    """

    name: str
    share: float
    tenure_days: tuple[int, int]  # since they came, with their first order if they ever buy
    recency_days: tuple[int, int]  # since they were lost; small where they are customers still
    orders: float  # mean number
    lines: float  # mean lines an order
    quantity: float  # mean pieces a line
    tiers: tuple[float, float, float]
    discount_rate: float  # share of orders bought with a coupon
    visits: float  # mean visits without a purchase in the last seven months
    dwell_seconds: float  # median on a product page
    taste: tuple[float, ...]

    @property
    def rhythm(self) -> float:
        """Mean days from one order to the next; infinite for those who hardly buy."""
        active = (sum(self.tenure_days) - sum(self.recency_days)) / 2
        return active / (self.orders - 1) if self.orders > 1 else float("inf")


GROUPS = (
    Group(
        "loyal",
        0.10,
        (480, 730),
        (0, 1),
        18,
        2.2,
        1.1,
        (0.04, 0.26, 0.70),
        0.05,
        4.0,
        45,
        (4, 1, 3, 4, 0.6, 0.6, 0.6, 0.2),
    ),
    Group(
        "family",
        0.20,
        (300, 720),
        (0, 1),
        6.5,
        4.4,
        2.2,
        (0.60, 0.37, 0.03),
        0.15,
        2.5,
        35,
        (1, 1, 0.8, 0.2, 2, 2, 0.6, 6),
    ),
    Group(
        "bargain",
        0.18,
        (200, 640),
        (0, 1),
        7,
        1.6,
        1.3,
        (0.85, 0.14, 0.01),
        0.90,
        3.5,
        12,
        (3, 4, 4, 1, 0.5, 0.3, 0.3, 0.3),
    ),
    Group(
        "new",
        0.20,
        (3, 90),
        (0, 1),
        1.6,
        1.8,
        1.1,
        (0.30, 0.50, 0.20),
        0.25,
        2.0,
        40,
        (2, 2, 2, 2, 2, 2, 2, 2),
    ),
    Group(
        "lapsed",
        0.14,
        (640, 730),
        (130, 590),
        8,
        3.0,
        1.4,
        (0.10, 0.40, 0.50),
        0.10,
        0.3,
        40,
        (0.4, 0.4, 0.4, 1, 3, 3, 5, 0.2),
    ),
    Group(
        "window",
        0.18,
        (90, 480),
        (30, 200),
        0.05,
        1.1,
        1.0,
        (0.70, 0.28, 0.02),
        0.3,
        7.0,
        95,
        (2, 0.6, 2, 3, 0.6, 0.6, 4, 0.3),
    ),
)


def planted_groups(seed: int, customers: int) -> npt.NDArray[np.int8]:
    """The group of every demo customer: int8 of shape (customers,), indices into GROUPS, in the order C00001,
    C00002, ..."""
    draw = np.random.default_rng([seed, 1]).random(customers)
    return np.searchsorted(np.cumsum([group.share for group in GROUPS])[:-1], draw, side="right").astype(
        np.int8
    )
