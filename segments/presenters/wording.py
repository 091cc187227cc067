"""The words staff read: names and one-line descriptions of groups."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from segments.models import Segment

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
        gettext_noop("Mostly first orders, not long ago. Welcome them and help with the next one."),
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
        gettext_noop("Bought rarely, and long ago. Reach them rarely and cheaply."),
    ),
    "one-time": (
        gettext_noop("Occasional buyers"),
        gettext_noop("Bought once or twice, and not of late. The next order is the hurdle."),
    ),
    "browsers": (
        gettext_noop("Browsers"),
        gettext_noop("Look around much and buy little. Remind them of what they looked at."),
    ),
    "no-purchase": (
        gettext_noop("Without a purchase"),
        gettext_noop(
            "Known, but without a sale that stood: visitors, and people who returned all they bought."
        ),
    ),
    # RFM classes that the behaviour groups do not have
    "cant-lose": (
        gettext_noop("Cannot lose"),
        gettext_noop("Among the best by orders and money, and silent for long. Call them."),
    ),
    "potential-loyalist": (
        gettext_noop("Potential loyalists"),
        gettext_noop("Bought lately, not yet often. A membership or a series may keep them."),
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


# what a group that differs in age, gender, orders or money is named by, word by word, and what the word means
DESCRIBING: dict[str, tuple[str, str]] = {
    "young": (gettext_noop("young"), gettext_noop("younger")),
    "mid-age": (gettext_noop("mid-age"), gettext_noop("of middle age")),
    "older": (gettext_noop("older"), gettext_noop("of higher age")),
    "rare": (gettext_noop("rare"), gettext_noop("fewer orders")),
    "mid-frequency": (gettext_noop("mid-frequency"), gettext_noop("a middling number of orders")),
    "frequent": (gettext_noop("frequent"), gettext_noop("more orders")),
    "low-value": (gettext_noop("low-value"), gettext_noop("less money")),
    "mid-value": (gettext_noop("mid-value"), gettext_noop("a middling amount of money")),
    "high-value": (gettext_noop("high-value"), gettext_noop("more money")),
    "recent": (gettext_noop("recent"), gettext_noop("bought lately")),
    "silent": (gettext_noop("silent"), gettext_noop("quiet for long")),
    "women": (gettext_noop("women"), gettext_noop("mostly women")),
    "men": (gettext_noop("men"), gettext_noop("mostly men")),
    "buyers": (gettext_noop("buyers"), ""),
}
# the people of a group most of whom answer no, or yes
GROUP_TRAITS = {
    "female": (gettext_noop("men"), gettext_noop("women")),
    "home_country": (gettext_noop("from other countries"), gettext_noop("from the main country")),
}


def describe(segment: Segment) -> str:
    """The description of a group that a method found; "" where there is none."""
    kind = segment.key.kind
    if kind in WORDS:
        return _(WORDS[kind][1])
    meanings = [DESCRIBING[word][1] for word in segment.suggested_name.words if word in DESCRIBING]
    if not any(meanings):
        return ""
    return _("Against the other groups: %s.") % pgettext("between two values", ", ").join(
        _(meaning) for meaning in meanings if meaning
    )
