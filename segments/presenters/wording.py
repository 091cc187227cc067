"""The words staff read: names and one-line descriptions of groups, and why a group or a customer is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import days, money_rounded, number, percent
from segments.datasets.features import BY_KEY, Feature
from segments.models import AssociationRule

# slug -> (name, description); both are message ids, shown in the reader's language
WORDS: dict[str, tuple[str, str]] = {
    # behaviour groups
    "champions": (
        gettext_noop("Champions"),
        gettext_noop("Buy often, bought lately and spend the most. Thank them, show them news first."),
    ),
    "loyal": (
        gettext_noop("Loyal regulars"),
        gettext_noop("Come back again and again. Reward the habit."),
    ),
    "big-baskets": (
        gettext_noop("Big baskets"),
        gettext_noop("Spend much each time. Offer sets, premium and free delivery."),
    ),
    "bargain-hunters": (
        gettext_noop("Bargain hunters"),
        gettext_noop("Buy with a discount. Reach them with sales, not with news."),
    ),
    "new": (
        gettext_noop("New customers"),
        gettext_noop("Bought for the first time lately. Welcome them and help with the second order."),
    ),
    "promising": (
        gettext_noop("Promising"),
        gettext_noop("Bought lately and may become regulars. Show what goes with their first choice."),
    ),
    "steady": (
        gettext_noop("Steady middle"),
        gettext_noop("Close to the average customer in most respects."),
    ),
    "small-baskets": (
        gettext_noop("Small baskets"),
        gettext_noop("Buy little each time. Suggest what completes the basket."),
    ),
    "at-risk": (
        gettext_noop("At risk"),
        gettext_noop("Used to buy often and have been quiet for a while. Win them back now."),
    ),
    "lost-high-value": (
        gettext_noop("Lost high value"),
        gettext_noop("Spent much and stayed away for long. Worth a personal offer."),
    ),
    "lost": (
        gettext_noop("Lost"),
        gettext_noop("Bought little, long ago. Reach them rarely and cheaply."),
    ),
    "one-time": (
        gettext_noop("One-time buyers"),
        gettext_noop("Bought once and did not return. A second order is the hurdle."),
    ),
    "browsers": (
        gettext_noop("Browsers"),
        gettext_noop("Look around much and buy little. Remind them of what they looked at."),
    ),
    "no-purchase": (
        gettext_noop("Without a purchase"),
        gettext_noop("Known, but without a sale that stood: visitors, and people who returned all they bought."),
    ),
    # RFM classes that the behaviour groups do not have
    "cant-lose": (
        gettext_noop("Cannot lose"),
        gettext_noop("Among the best by orders and money, and silent for long. Call them."),
    ),
    "potential-loyalist": (
        gettext_noop("Potential loyalists"),
        gettext_noop("Bought lately, more than once. A membership or a series may keep them."),
    ),
    "need-attention": (
        gettext_noop("Need attention"),
        gettext_noop("Average in every respect and cooling down. A limited offer may wake them."),
    ),
    "about-to-sleep": (
        gettext_noop("About to sleep"),
        gettext_noop("Few orders, some time ago. Remind them before they forget."),
    ),
    "hibernating": (
        gettext_noop("Hibernating"),
        gettext_noop("Few orders, long ago. Include them in seasonal mailings only."),
    ),
}


# what a group that differs in age, gender, orders or money is called, word by word
DESCRIBING = [
    gettext_noop("young"), gettext_noop("mid-age"), gettext_noop("older"),
    gettext_noop("rare"), gettext_noop("mid-frequency"), gettext_noop("frequent"),
    gettext_noop("low-value"), gettext_noop("mid-value"), gettext_noop("high-value"),
    gettext_noop("women"), gettext_noop("men"), gettext_noop("buyers"),
]


def describe(slug: str) -> str:
    """The description of a group; a group of one topic among several is called "topic--word"."""
    word = slug.rpartition("--")[2]
    return _(WORDS[word][1]) if word in WORDS else ""


def in_unit(feature: Feature, value: float, currency: str) -> str:
    """A value of `feature` as the reader's language writes it."""
    match feature.unit:
        case "days":
            return days(value)
        case "money":
            return money_rounded(value, currency)
        case "share":
            return percent(value)
        case "minutes":
            return _("%s min") % number(value)
        case _:
            return number(value, 0 if value >= 10 or value == round(value) else 1)


def against_average(row: Mapping[str, Any], currency: str) -> str:
    """`row`: {feature, mean, overall}. For example "Orders: 12.3, 3.1 times the average of 4.0"."""
    feature = BY_KEY[row["feature"]]
    words = {
        "feature": feature.title,
        "value": in_unit(feature, row["mean"], currency),
        "average": in_unit(feature, row["overall"], currency),
    }
    if feature.unit in {"count", "money", "minutes"} and row["overall"] > 0 and row["mean"] >= 1.5 * row["overall"]:
        words["times"] = number(row["mean"] / row["overall"], 1)
        return _("%(feature)s: %(value)s, %(times)s times the average of %(average)s") % words
    return _("%(feature)s: %(value)s, the average is %(average)s") % words


def going_together(rule: AssociationRule) -> str:
    """For example: Of those who bought Shoes, 34 % also bought Bags: 2.1 times as often as others (210 orders)."""
    words = {"given": " + ".join(rule.given), "then": rule.then, "confidence": percent(rule.confidence),
             "lift": number(rule.lift, 1), "count": number(rule.count)}
    if rule.kind == AssociationRule.Kind.VIEWED:
        return _("Of the people who looked at %(given)s, %(confidence)s bought %(then)s within 30 days: %(lift)s times as often as "
                 "usual (%(count)s people).") % words
    return _("Of the orders with %(given)s, %(confidence)s also have %(then)s: %(lift)s times as often as usual (%(count)s "
             "orders).") % words
