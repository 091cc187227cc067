"""Filling an empty shop with invented facts."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import keys_held
from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from backoffice.models import AuditEntry
from shop.actions.demo.behaviour import write_events, write_orders
from shop.actions.demo.bulk import Shop, reserve
from shop.actions.demo.catalogue import write_products
from shop.actions.demo.customers import write_consents, write_customers
from shop.actions.demo.origin import facts_of_other_apps, shop_in_use
from shop.actions.events import ensure_event_partitions
from shop.demo import behaviour
from shop.demo.catalogue import PRODUCTS, Ints, catalogue
from shop.demo.groups import planted_groups
from shop.demo.people import people
from shop.demo.vocabulary import LANGUAGES
from shop.models import (
    DEMO_NAME,
    Consent,
    Customer,
    Event,
    Order,
    OrderLine,
    Product,
    ShopProfile,
)

CHUNK = 25_000  # customers drawn and written at a time: memory stays flat


def seed_demo(
    *,
    customers: int = 4000,
    seed: int = 1,
    language: str = "en",
    currency: str = "",
    now: datetime | None = None,
    progress: Progress = silent,
) -> dict[str, int]:
    """Invent a shop with two years of facts ending `now`; returns how many rows of each kind were written.

    The same seed, size and moment give the same shop. `currency`: ISO code, by default that of the language.
    Raises Refused when the shop already holds anything.
    """
    if shop_in_use():
        raise Refused(_("This shop already holds data: the demo shop is only put into an empty one."))
    words = LANGUAGES[language]
    currency = currency or words.currency
    end = now or timezone.now()
    goods = catalogue(seed, words, currency)
    ensure_event_partitions(
        (end - timedelta(days=behaviour.BROWSING // behaviour.DAY + 1)).date(), end.date()
    )
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        keys_held(),
    ):  # all that rows refer to is written here
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # else the checks of every row pile up in memory until the commit
        shop = Shop(
            cursor, seed, words, currency, goods, reserve(cursor, Product, PRODUCTS), int(end.timestamp())
        )
        write_products(shop)
        for facts in facts_of_other_apps():
            facts.write(seed=seed, language=language, currency=currency, until=end)
        groups = planted_groups(seed, customers).astype(np.int64)
        written = {"products": PRODUCTS, "customers": customers, "orders": 0, "lines": 0, "events": 0}
        for start in range(0, customers, CHUNK):
            progress(start, customers, gettext_noop("Inventing customers"))
            for kind, rows in _write_chunk(
                shop, groups[start : start + CHUNK], start, written["orders"]
            ).items():
                written[kind] += rows
        cursor.execute("INSERT INTO shop_customertouched (customer_id) SELECT id FROM shop_customer")
        if not ShopProfile.objects.current().name:
            ShopProfile.objects.rename(DEMO_NAME)
        AuditEntry.objects.create(
            verb="shop.seed_demo",
            object_type="shop.customer",
            object_id="0",
            label=gettext_noop("demo shop"),
            label_is_key=True,
            details={"seed": seed, "customers": customers, "language": language, "currency": currency},
        )
    _analyze()
    progress(customers, customers)
    return written


def _write_chunk(shop: Shop, groups: Ints, start: int, orders_before: int) -> dict[str, int]:
    """Draw and write customers `start`, `start + 1`, ... with all they did; guests come on top."""
    rng = np.random.default_rng([shop.seed, 4, start])
    n = len(groups)
    who = behaviour.visitors(rng, groups, shop.goods, shop.now)
    persons = people(rng, groups, who.since[:n], shop.words, shop.now)
    made = behaviour.orders(rng, who, shop.goods, shop.now)
    seen = behaviour.events(rng, who, made, shop.goods, shop.now)
    first, guests = reserve(shop.cursor, Customer, n), len(who.group) - n
    ids = np.append(first + np.arange(n), np.full(guests, -1))
    cities = np.append(persons.city, rng.integers(0, len(shop.words.cities), guests))
    write_customers(shop, persons, who.since[:n], first, start)
    write_consents(shop, persons, first)
    write_orders(shop, made, ids, cities, orders_before)
    write_events(shop, seen, ids, start, rng)
    return {"orders": len(made.placed), "lines": len(made.product), "events": len(seen.at)}


def _analyze() -> None:
    """Fresh statistics, so that the first pages and estimates are right at once."""
    with connection.cursor() as cursor:
        for model in (Customer, Order, OrderLine, Consent, Event):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
