"""Emptying a demo shop."""

from __future__ import annotations

from typing import cast

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.models import AuditEntry, User
from shop.actions.demo.origin import facts_of_other_apps, is_demo_shop
from shop.models import (
    DEMO_NAME,
    Consent,
    Customer,
    Erased,
    Event,
    Order,
    OrderLine,
    Product,
    ShopProfile,
)


@transaction.atomic
def remove_demo(*, by: User | None = None) -> None:
    """Empty a demo shop, with everything derived from its customers and products. Raises Refused on real
    data."""
    if not is_demo_shop():
        raise Refused(
            _(
                "This shop holds data that are not from the demo, so nothing was deleted. Begin an empty "
                "shop in a folder of its own: "
                "MARKETOPS_HOME=~/my-shop MARKETOPS_DEMO=0 make run"
            )
        )
    others = [facts.model for facts in facts_of_other_apps()]
    facts: list[type[models.Model]] = [Customer, Product, Order, OrderLine, Event, Consent, Erased, *others]
    derived = [
        relation.related_model
        for model in (Customer, Product)
        for relation in model._meta.get_fields(
            include_hidden=True
        )  # bulk rows have related_name="+" and no constraint
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete is models.CASCADE
    ]
    emptied = cast(list[type[models.Model]], [*facts, *derived])  # no relation is to "self"
    tables = sorted({str(model._meta.db_table) for model in emptied})
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # TRUNCATE refuses while a foreign key's check is pending
        cursor.execute("SET LOCAL marketops.leaving_demo = 'on'")  # the only way to empty the consent ledger
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    ShopProfile.objects.filter(name=DEMO_NAME).update(name="")
    AuditEntry.objects.create(
        by=by,
        verb="shop.remove_demo",
        object_type="shop.customer",
        object_id="0",
        label="demo shop",
        label_is_key=True,
    )
