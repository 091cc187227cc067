"""The segments that every shop starts with: each a rule like any other, to be seen, changed or put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from profiles.datasets.thresholds import Thresholds

NEW_DAYS = 60
Tree = dict[str, Any]


@dataclass(frozen=True)
class StarterSegment:
    """Texts are message ids. `origin`: the source of the figures in the rule when it was made."""

    slug: str
    name: str
    description: str
    origin: str
    rule: Callable[[Thresholds], Tree]


def _is(field: str, op: str, value: Any) -> Tree:
    return {"field": field, "op": op, "value": value}


_INTERVAL = noop(
    "The days come from your shop's rhythm: within the first figure three of four returning customers had "
    "come back when the "
    "segment was made; the limit to “lost” is three times that."
)

_ALL = [
    StarterSegment(
        "high-value",
        noop("High value"),
        noop(
            "Spent as much as the best fifth of the buyers had when the segment was made. Thank them, show "
            "them news first."
        ),
        noop("The amount is what the top fifth of your buyers had spent at least when the segment was made."),
        lambda shop: {"all": [_is("monetary", ">=", shop.much)]},
    ),
    StarterSegment(
        "loyal",
        noop("Loyal"),
        noop("Many orders, and the last one not long ago. Reward the habit."),
        noop(
            "The number of orders is what the most frequent quarter of your buyers had reached; the days are "
            "the time within "
            "which three of four returning customers come back."
        ),
        lambda shop: {"all": [_is("frequency", ">=", shop.often), _is("recency", "<=", shop.interval)]},
    ),
    StarterSegment(
        "potential",
        noop("Potential"),
        noop("Bought lately, and came back or spent a lot at once: may become regulars."),
        noop(
            "“Much at once” is the average order value that a quarter of your buyers had reached; the days "
            "are the time within "
            "which three of four returning customers come back."
        ),
        lambda shop: {
            "all": [
                _is("recency", "<=", shop.interval),
                _is("frequency", "<", shop.often),
                {"any": [_is("frequency", ">=", 2), _is("average_order_value", ">=", shop.large_order)]},
            ]
        },
    ),
    StarterSegment(
        "new",
        noop("New buyers"),
        noop("First order lately. Welcome them and help with the second."),
        noop(
            "Sixty days are a usual measure, not one of your shop: change it if your customers decide faster "
            "or slower."
        ),
        lambda shop: {"all": [_is("tenure", "<=", NEW_DAYS)]},
    ),
    StarterSegment(
        "at-risk",
        noop("At risk"),
        noop("Bought repeatedly and are quiet for longer than is usual here. Win them back now."),
        _INTERVAL,
        lambda shop: {
            "all": [
                _is("frequency", ">=", 2),
                _is("recency", ">", shop.interval),
                _is("recency", "<=", 3 * shop.interval),
            ]
        },
    ),
    StarterSegment(
        "lost",
        noop("Lost"),
        noop("No order for more than three times the usual interval. Reach them rarely and cheaply."),
        _INTERVAL,
        lambda shop: {"all": [_is("frequency", ">=", 1), _is("recency", ">", 3 * shop.interval)]},
    ),
    StarterSegment(
        "bargain-hunters",
        noop("Bargain hunters"),
        noop("Mostly buy with a discount. Reach them with sales, not with news."),
        noop("Half of the orders and two orders at least: one coupon does not make a bargain hunter."),
        lambda shop: {"all": [_is("discount_share", ">=", 0.5), _is("frequency", ">=", 2)]},
    ),
    StarterSegment(
        "browsers",
        noop("Browsers who never buy"),
        noop("Visit again and again, without an order so far. Help them to decide."),
        noop("The number of visits is what half of your visitors had reached when the segment was made."),
        lambda shop: {"all": [_is("visits", ">=", shop.visits), _is("frequency", "=", 0)]},
    ),
]
STARTER_SEGMENTS = {starter.slug: starter for starter in _ALL}


def description_of(slug: str) -> str:
    """The line under its name; "" for a segment that somebody made."""
    return gettext(STARTER_SEGMENTS[slug].description) if slug in STARTER_SEGMENTS else ""


def origin_of(slug: str) -> str:
    """The source of the figures in its rule; "" for a segment that somebody made."""
    return gettext(STARTER_SEGMENTS[slug].origin) if slug in STARTER_SEGMENTS else ""
