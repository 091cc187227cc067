"""Where a shop's facts come from: the demo, files, or nowhere yet."""

from __future__ import annotations

from django.db import models

from backoffice.declarations import DemoFacts, frames
from backoffice.models import AuditEntry
from shop.models import Customer, Order, Product


def facts_of_other_apps() -> list[DemoFacts]:
    """What the other apps add to a demo shop."""
    return [facts for frame in frames() for facts in frame.demo_facts]


def own_facts() -> list[str]:
    """The audit verbs after which a shop holds facts of its own."""
    return [verb for frame in frames() for verb in frame.own_facts]


def shop_in_use() -> bool:
    """Whether the shop holds facts, or a file of them that was uploaded and not imported yet."""
    others = [facts.model for facts in facts_of_other_apps()]
    facts: list[type[models.Model]] = [Customer, Order, Product, *others]
    filled = any(model._default_manager.exists() for model in facts)
    return filled or _latest_origin() in own_facts()


def began_as_demo() -> bool:
    """Whether the shop was filled by `seed_demo` and got no facts of its own since. Quick enough for
    every page."""
    return _latest_origin() == "shop.seed_demo"


def _latest_origin() -> str:
    """The audit verb of the latest change of origin: seeded, removed or one of `own_facts`; "" for none of
    them."""
    verbs = ["shop.seed_demo", "shop.remove_demo", *own_facts()]
    return AuditEntry.objects.filter(verb__in=verbs).values_list("verb", flat=True).first() or ""


def is_demo_shop() -> bool:
    """Whether all that the shop holds was invented by `seed_demo`. Looks at every order and customer."""
    return (
        began_as_demo()
        and not Order.objects.exclude(number__regex=r"^D\d{6,}$").exists()
        and not Customer.objects.exclude(external_id__regex=r"^C\d{5,}$").exists()
    )
