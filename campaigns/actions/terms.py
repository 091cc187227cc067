"""What an approval covers: a fingerprint of each part that the approver saw, and what has changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from campaigns.datasets.audiences import audience, recipients
from campaigns.models import Campaign
from recommendations.serving import offers_for
from segments.actions.rules.order import with_references
from segments.models import Rule, Segment
from shop.models import Product, ShopProfile

PARTS = {
    "settings": gettext_noop("the settings of the campaign"),
    "message": gettext_noop("the text of the message"),
    "rule": gettext_noop("the rule of the segment"),
    "shop": gettext_noop("the shop's name or the sender's address"),
    "products": gettext_noop("title, price or link of the products shown"),
    "people": gettext_noop("the number of people"),
}
SAMPLES = 3  # people whose letters are shown beside the decision
MORE_SHARE = 0.05  # more people than the approver saw that need no new look: of 20 one


@dataclass(frozen=True)
class Terms:
    """`prints`: part -> fingerprint, all of PARTS but the people; `people` who get it; `products`: primary
    keys of those in the letters that are shown."""

    prints: dict[str, str]
    people: int
    products: list[int]

    @property
    def token(self) -> str:
        """What a page carries, so that the decision names what was on it."""
        return ".".join([*(self.prints[part] for part in PARTS if part != "people"), str(self.people)])

    @property
    def stored(self) -> dict[str, Any]:
        return {"prints": self.prints, "people": self.people, "products": self.products}

    @classmethod
    def of_token(cls, token: str) -> Terms | None:
        """None for what no page carries."""
        names = [part for part in PARTS if part != "people"]
        *prints, people = token[:200].split(".")
        if len(prints) != len(names) or not people.isdecimal() or len(people) > 12:
            return None
        return cls(dict(zip(names, prints, strict=True)), int(people), [])

    @classmethod
    def of_stored(cls, stored: dict[str, Any]) -> Terms | None:
        return cls(**stored) if stored else None

    def changed(self, now: Terms) -> list[str]:
        """The parts of PARTS that are no longer what they were; fewer people change nothing."""
        parts = [part for part, fingerprint in now.prints.items() if self.prints.get(part) != fingerprint]
        allowed = self.people + int(self.people * MORE_SHARE)
        return [*parts, *(["people"] if now.people > allowed else [])]


def words(parts: list[str]) -> str:
    """Parts of PARTS as a list in the reader's language."""
    return gettext(", ").join(gettext(PARTS[part]) for part in parts if part in PARTS)


def terms_now(campaign: Campaign, *, products: list[int] | None = None) -> Terms:
    """What the campaign would send as of now. `products`: those whose terms count; None: those in the letters
    that a page shows."""
    message, segment = campaign.message, campaign.segment
    shop = ShopProfile.objects.current()
    shown = _shown_products(campaign) if products is None else products
    parts: dict[str, Any] = {
        "settings": [
            campaign.name,
            campaign.version,
            campaign.segment_id,
            campaign.message_id,
            campaign.channel,
            campaign.products_per_message,
            campaign.holdout_percent,
            campaign.send_at.isoformat() if campaign.send_at else "",
            format(campaign.budget, ".4f"),
            campaign.currency,
        ],
        "message": [message.subject, message.body, message.language],
        "rule": _rules(segment),
        "shop": [
            shop.shown_name,
            settings.DEFAULT_FROM_EMAIL,
            *(str(getattr(shop, field.attname)) for field in shop._meta.concrete_fields),
        ],
        "products": [
            [str(value) for value in row]
            for row in Product.objects.filter(pk__in=shown)
            .order_by("pk")
            .values_list("pk", "title", "price", "currency", "url", "image_url")
        ],
    }
    prints = {part: _fingerprint(value) for part, value in parts.items()}
    return Terms(prints, audience(campaign).reached, sorted(shown))


def changed_since(campaign: Campaign) -> list[str]:
    """The parts that changed since the campaign was submitted or approved; empty before that."""
    before = Terms.of_stored(campaign.terms)
    return before.changed(terms_now(campaign, products=before.products)) if before else []


def _shown_products(campaign: Campaign) -> list[int]:
    if not campaign.products_per_message:
        return []
    offers = offers_for(
        [person.pk for person in recipients(campaign, SAMPLES)], campaign.products_per_message
    )
    return sorted({offer.product.pk for offered in offers.values() for offer in offered})


def _rules(segment: Segment) -> list[Any]:
    """The rule and all that it refers to; of a segment without a rule, its identity."""
    rule = Rule.objects.filter(segment=segment).first()
    named = [segment.pk, segment.name_key, segment.custom_name]
    rules = with_references(rule) if rule else []
    return [named, *([needed.segment_id, needed.version, needed.tree] for needed in rules)]


def _fingerprint(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
