"""What to do with a kind of segment: an offer, a channel, a rhythm and the reason. Campaigns start from
these."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from segments.models import SegmentSlug


@dataclass(frozen=True)
class Playbook:
    """The texts are message ids; `title_text` and so on are in the reader's language. `products`: recommended
    products in each message; `holdout`: the share, in percent, that gets nothing so that the effect can be
    measured: larger where it is in doubt."""

    slug: str
    title: str
    offer: str
    channel: str
    rhythm: str
    why: str
    products: int = 3
    holdout: int = 5

    @property
    def title_text(self) -> str:
        return gettext(self.title)

    @property
    def offer_text(self) -> str:
        return gettext(self.offer)

    @property
    def channel_text(self) -> str:
        return gettext(self.channel)

    @property
    def rhythm_text(self) -> str:
        return gettext(self.rhythm)

    @property
    def why_text(self) -> str:
        return gettext(self.why)


_ALL = [
    Playbook(
        "thank",
        noop("Thank the best"),
        noop("News first, early access and a personal thank-you. No discount: they buy without one."),
        noop("Email; a card or a call for the first fifty"),
        noop("Once or twice a month"),
        noop(
            "A few per cent of the customers earn much of the revenue: losing one costs more than winning "
            "ten new ones."
        ),
    ),
    Playbook(
        "reward",
        noop("Reward the habit"),
        noop("Points, a membership or a refill reminder; what goes with their usual choice."),
        noop("Email"),
        noop("In the rhythm in which they buy, about once a month"),
        noop("A habit needs a reason to go on, not a reason to start."),
    ),
    Playbook(
        "second-order",
        noop("Win the second order"),
        noop(
            "Help with the first purchase, then what others bought next; free delivery on the second order."
        ),
        noop("Email"),
        noop("A welcome within a day, then after one, three and five weeks"),
        noop("Somebody who buys twice is far likelier to buy a third time; most never do the second."),
        products=4,
        holdout=10,
    ),
    Playbook(
        "grow",
        noop("Grow the promising"),
        noop(
            "Sets and complements to what they bought, a threshold for free delivery slightly above their "
            "usual order."
        ),
        noop("Email"),
        noop("Every two to three weeks"),
        noop("They like the shop already: a wider choice turns an occasional buyer into a regular."),
        products=4,
    ),
    Playbook(
        "win-back",
        noop("Win back before it is too late"),
        noop(
            "“We miss you” with new things from their favourite category; a voucher only in the second "
            "message."
        ),
        noop("Email; ads to those who do not open it"),
        noop("Two messages two weeks apart, then a pause"),
        noop(
            "They used to buy. The longer the silence, the less likely the return: act within their usual "
            "interval."
        ),
        holdout=10,
    ),
    Playbook(
        "last-try",
        noop("One last try"),
        noop("A strong, dated offer, or the question whether they still want mail from you."),
        noop("Email"),
        noop("Once a quarter, in the season"),
        noop("Few come back, and mail that nobody opens harms the delivery of all your mail."),
        products=0,
        holdout=20,
    ),
    Playbook(
        "sales",
        noop("Sell what has to go"),
        noop("Clearance, multi-packs, last sizes: real prices, no news at full price."),
        noop("Email"),
        noop("When there is a sale, at most every two weeks"),
        noop("They answer to prices. A discount given to anybody else is margin given away."),
        products=6,
        holdout=10,
    ),
    Playbook(
        "first-order",
        noop("Turn visits into a first order"),
        noop("What they looked at, with reviews, delivery time and free returns; help with choosing."),
        noop("Email where they agreed to it; otherwise ads"),
        noop("Within a day of a visit, at most once a week"),
        noop("They are interested but not sure: an answer persuades better than a price cut."),
        products=4,
        holdout=10,
    ),
    Playbook(
        "baskets",
        noop("Fill the basket"),
        noop("Sets, premium versions and what completes the order."),
        noop("Email"),
        noop("Every three to four weeks"),
        noop("What is in the basket decides what an order earns after postage."),
        products=4,
    ),
]
PLAYBOOKS = {playbook.slug: playbook for playbook in _ALL}
_OF_KIND = {
    "champions": "thank",
    "high-value": "thank",
    "loyal": "reward",
    "potential-loyalist": "grow",
    "promising": "grow",
    "potential": "grow",
    "steady": "grow",
    "new": "second-order",
    "one-time": "second-order",
    "at-risk": "win-back",
    "cant-lose": "win-back",
    "need-attention": "win-back",
    "about-to-sleep": "win-back",
    "lost-high-value": "win-back",
    "lost": "last-try",
    "hibernating": "last-try",
    "bargain-hunters": "sales",
    "browsers": "first-order",
    "no-purchase": "first-order",
    "big-baskets": "baskets",
    "small-baskets": "baskets",
}


def playbook_for(slug: str) -> Playbook | None:
    """The playbook of a kind of segment; of a grouping, by the kind in its slug."""
    kind = _OF_KIND.get(SegmentSlug.parse(slug).kind)
    return PLAYBOOKS[kind] if kind else None
