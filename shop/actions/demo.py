"""Filling a shop with invented facts, and emptying it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import keys_held
from backoffice.declarations import DemoFacts, frames
from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from backoffice.models import AuditEntry, User
from shop.actions.events import ensure_event_partitions
from shop.demo import behaviour
from shop.demo.catalogue import PRODUCTS, Catalogue, Ints, catalogue
from shop.demo.groups import planted_groups
from shop.demo.people import NO_ANSWER, People, people
from shop.demo.vocabulary import LANGUAGES, SLUGS, Vocabulary
from shop.models import (
    DEMO_NAME,
    Channel,
    Consent,
    Customer,
    Event,
    Order,
    OrderLine,
    Product,
    Purpose,
    ShopProfile,
)

CHUNK = 25_000  # customers drawn and written at a time: memory stays flat
EVENTS = {  # in the order of the constants of shop.demo.behaviour
    behaviour.VIEW: (Event.Kind.VIEW, "Product Viewed"),
    behaviour.CART: (Event.Kind.CART, "Product Added"),
    behaviour.SEARCH: (Event.Kind.SEARCH, "Products Searched"),
    behaviour.CHECKOUT: (Event.Kind.CHECKOUT, "Checkout Started"),
    behaviour.PURCHASE: (Event.Kind.PURCHASE, "Order Completed"),
    behaviour.FAVOURITE: (Event.Kind.FAVOURITE, "Product Added to Wishlist"),
}
NULL = r"\N"


@dataclass(frozen=True)
class Shop:
    """What every chunk needs to know, and where it is written."""

    cursor: CursorWrapper
    seed: int
    words: Vocabulary
    currency: str
    goods: Catalogue
    first_product: int
    now: int


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
            cursor, seed, words, currency, goods, _reserve(cursor, Product, PRODUCTS), int(end.timestamp())
        )
        _write_products(shop)
        for facts in _facts_of_other_apps():
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


def _facts_of_other_apps() -> list[DemoFacts]:
    return [facts for frame in frames() for facts in frame.demo_facts]


def _models_of_other_apps() -> list[type[models.Model]]:
    return [facts.model for facts in _facts_of_other_apps()]


def shop_in_use() -> bool:
    """Whether the shop holds facts, or a file of them that was uploaded and not imported yet."""
    facts: list[type[models.Model]] = [Customer, Order, Product, *_models_of_other_apps()]
    filled = any(model._default_manager.exists() for model in facts)
    return filled or _latest_origin() == "import.upload"


def began_as_demo() -> bool:
    """Whether the shop was filled by `seed_demo` and no file was uploaded since. Quick enough for every
    page."""
    return _latest_origin() == "shop.seed_demo"


def _latest_origin() -> str:
    """The audit verb by which facts came last: seeded, removed or uploaded; "" for none of them."""
    verbs = ["shop.seed_demo", "shop.remove_demo", "import.upload"]
    return AuditEntry.objects.filter(verb__in=verbs).values_list("verb", flat=True).first() or ""


def is_demo_shop() -> bool:
    """Whether all that the shop holds was invented by `seed_demo`. Looks at every order and customer."""
    return (
        began_as_demo()
        and not Order.objects.exclude(number__regex=r"^D\d{6,}$").exists()
        and not Customer.objects.exclude(external_id__regex=r"^C\d{5,}$").exists()
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
    facts: list[type[models.Model]] = [
        Customer,
        Product,
        Order,
        OrderLine,
        Event,
        Consent,
        *_models_of_other_apps(),
    ]
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


def _reserve(cursor: CursorWrapper, model: type[models.Model], rows: int) -> int:
    """Take `rows` consecutive ids of a table; returns the first."""
    table = model._meta.db_table
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
    first = int(cursor.fetchone()[0])  # type: ignore[index]  # a row always comes
    if rows > 1:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + rows - 1])
    return first


def _copy(
    cursor: CursorWrapper, model: type[models.Model], columns: list[str], values: list[Iterable[Any]]
) -> None:
    """COPY the columns' values into the table. Nothing written here holds a tab, a line break or a backslash
    but NULL."""
    row = "\t".join(["%s"] * len(columns)) + "\n"
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with cursor.copy(statement) as copy:  # type: ignore[attr-defined]  # psycopg's own
        block: list[str] = []
        for one in zip(*values, strict=True):
            block.append(row % one)
            if len(block) == 5000:
                copy.write("".join(block))
                block.clear()
        copy.write("".join(block))


def _times(seconds: Ints) -> list[str]:
    return [f"{text}Z" for text in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]


def _nullable(values: Ints) -> list[Any]:
    return [NULL if value < 0 else value for value in values.tolist()]


def _write_products(shop: Shop) -> None:
    goods, words = shop.goods, shop.words
    pictures = [
        static(f"demo/{SLUGS[category]}-{colour}.svg")
        for category, colour in zip(goods.category, goods.colour, strict=True)
    ]
    added = _times(np.full(PRODUCTS, shop.now - behaviour.TWO_YEARS))
    _copy(
        shop.cursor,
        Product,
        [
            "id",
            "sku",
            "title",
            "description",
            "category",
            "brand",
            "price",
            "cost",
            "currency",
            "stock",
            "image_url",
            "url",
            "attributes",
            "kind",
            "active",
            "created_at",
        ],
        [
            range(shop.first_product, shop.first_product + PRODUCTS),
            [f"P{n:04d}" for n in range(1, PRODUCTS + 1)],
            goods.titles,
            [""] * PRODUCTS,
            [words.categories[n] for n in goods.category],
            [words.brands[n] for n in goods.brand],
            goods.price.round(2).tolist(),
            goods.cost.tolist(),
            [shop.currency] * PRODUCTS,
            goods.stock.tolist(),
            pictures,
            [f"https://shop.example.com/p/{n:04d}" for n in range(1, PRODUCTS + 1)],
            [f'{{"colour": "{words.colours[n]}"}}' for n in goods.colour],
            [Product.Kind.PRODUCT.value] * PRODUCTS,
            ["t"] * PRODUCTS,
            added,
        ],
    )


def _write_chunk(shop: Shop, groups: Ints, start: int, orders_before: int) -> dict[str, int]:
    """Draw and write customers `start`, `start + 1`, ... with all they did; guests come on top."""
    rng = np.random.default_rng([shop.seed, 4, start])
    n = len(groups)
    who = behaviour.visitors(rng, groups, shop.goods, shop.now)
    persons = people(rng, groups, who.since[:n], shop.words, shop.now)
    made = behaviour.orders(rng, who, shop.goods, shop.now)
    seen = behaviour.events(rng, who, made, shop.goods, shop.now)
    first, guests = _reserve(shop.cursor, Customer, n), len(who.group) - n
    ids = np.append(first + np.arange(n), np.full(guests, -1))
    cities = np.append(persons.city, rng.integers(0, len(shop.words.cities), guests))
    _write_customers(shop, persons, who.since[:n], first, start)
    _write_consents(shop, persons, first)
    _write_orders(shop, made, ids, cities, orders_before)
    _write_events(shop, seen, ids, start, rng)
    return {"orders": len(made.placed), "lines": len(made.product), "events": len(seen.at)}


def _write_customers(shop: Shop, persons: People, since: Ints, first: int, start: int) -> None:
    words, n = shop.words, len(persons.city)
    firsts = [
        (words.female if female else words.male)[name]
        for female, name in zip(persons.female.tolist(), persons.first_name.tolist(), strict=True)
    ]
    surnames = [words.surnames[k] for k in persons.surname.tolist()]
    numbers = range(start + 1, start + n + 1)
    if words.locale == "en-GB":
        mails = [
            f"{a}.{b}.{k}@example.com".lower() for a, b, k in zip(firsts, surnames, numbers, strict=True)
        ]
    else:
        mails = [f"user{k:05d}@example.org" for k in numbers]
    space = 10 ** (3 if words.locale == "en-GB" else 4)
    phones = [
        words.phone.format(k % space) if has else ""
        for k, has in zip(numbers, persons.has_phone.tolist(), strict=True)
    ]
    attributes = [
        f'{{"age": {age}, "gender": "{words.gender[1 - female]}", "income": "{words.income[income]}", '
        f'"city": "{words.cities[city][0]}"}}'
        for age, female, income, city in zip(
            persons.age.tolist(),
            persons.female.tolist(),
            persons.income.tolist(),
            persons.city.tolist(),
            strict=True,
        )
    ]
    _copy(
        shop.cursor,
        Customer,
        [
            "id",
            "external_id",
            "email",
            "phone",
            "first_name",
            "last_name",
            "locale",
            "country",
            "attributes",
            "created_at",
        ],
        [
            range(first, first + n),
            [f"C{k:05d}" for k in numbers],
            mails,
            phones,
            firsts,
            surnames,
            [words.locale] * n,
            [words.cities[k][1] for k in persons.city.tolist()],
            attributes,
            _times(since),
        ],
    )


def _write_consents(shop: Shop, persons: People, first: int) -> None:
    asked, withdrawn = persons.email_asked != NO_ANSWER, persons.email_withdrawn != NO_ANSWER
    texted = persons.sms_granted != NO_ANSWER
    words = [  # who, channel, purpose, granted, source, when
        (
            asked,
            Channel.EMAIL,
            Purpose.MARKETING,
            persons.email_granted,
            Consent.Source.FORM,
            persons.email_asked,
        ),
        (
            asked,
            Channel.EMAIL,
            Purpose.PROFILING,
            persons.profiling_granted,
            Consent.Source.FORM,
            persons.email_asked,
        ),
        (
            texted,
            Channel.SMS,
            Purpose.MARKETING,
            np.ones_like(asked),
            Consent.Source.FORM,
            persons.sms_granted,
        ),
        (
            withdrawn,
            Channel.EMAIL,
            Purpose.MARKETING,
            np.zeros_like(asked),
            Consent.Source.UNSUBSCRIBE,
            persons.email_withdrawn,
        ),
    ]
    for who, channel, purpose, granted, source, when in words:
        customers = (first + np.flatnonzero(who)).tolist()
        _copy(
            shop.cursor,
            Consent,
            ["customer_id", "channel", "purpose", "granted", "source", "note", "recorded_at"],
            [
                customers,
                [channel.value] * len(customers),
                [purpose.value] * len(customers),
                granted[who].astype(int).tolist(),
                [source.value] * len(customers),
                [""] * len(customers),
                _times(when[who]),
            ],
        )


def _write_orders(shop: Shop, made: behaviour.Orders, ids: Ints, cities: Ints, orders_before: int) -> None:
    """What stands on a line is what was paid; `discount` tells how much the coupon had taken off."""
    n = len(made.placed)
    first = _reserve(shop.cursor, Order, n)
    full = shop.goods.price[made.product]
    paid = (full * (1 - made.saved[made.line_order])).round(2)
    discount = np.bincount(made.line_order, weights=(full - paid) * made.quantity, minlength=n).round(2)
    status = np.where(made.refunds < 0, Order.Status.PAID.value, Order.Status.CANCELLATION.value)
    coupons = [f"SAVE{round(100 * share)}" if share else "" for share in made.saved.tolist()]
    _copy(
        shop.cursor,
        Order,
        ["id", "number", "customer_id", "placed_at", "status", "currency", "country", "discount", "coupon"],
        [
            range(first, first + n),
            [f"D{k:06d}" for k in range(orders_before + 1, orders_before + n + 1)],
            _nullable(ids[made.visitor]),
            _times(made.placed),
            status.tolist(),
            [shop.currency] * n,
            [shop.words.cities[k][1] for k in cities[made.visitor].tolist()],
            np.where(made.refunds < 0, discount, 0).tolist(),
            coupons,
        ],
    )
    _copy(
        shop.cursor,
        OrderLine,
        ["order_id", "product_id", "key", "quantity", "unit_price"],
        [
            (first + made.line_order).tolist(),
            (shop.first_product + made.product).tolist(),
            made.product.tolist(),
            made.quantity.tolist(),
            paid.tolist(),
        ],
    )


def _write_events(
    shop: Shop, seen: behaviour.Events, ids: Ints, start: int, rng: np.random.Generator
) -> None:
    """Visits of customers, a few of them before they logged in (an anonymous id, no customer)."""
    visits = int(seen.visit.max(initial=0)) + 1
    unknown = (rng.random(visits) < 0.03)[seen.visit]
    product = np.where(seen.product < 0, -1, shop.first_product + seen.product)
    queries = rng.integers(0, len(shop.words.searches), len(seen.at)).tolist()
    kinds = seen.kind.tolist()
    visit_numbers = seen.visit.tolist()
    _copy(
        shop.cursor,
        Event,
        [
            "occurred_at",
            "customer_id",
            "anonymous_id",
            "session_id",
            "kind",
            "name",
            "product_id",
            "dwell_seconds",
            "properties",
        ],
        [
            _times(seen.at),
            _nullable(np.where(unknown, -1, ids[seen.visitor])),
            [
                f"a{start}-{visit}" if lost else ""
                for lost, visit in zip(unknown.tolist(), visit_numbers, strict=True)
            ],
            [f"s{start}-{visit}" for visit in visit_numbers],
            [EVENTS[kind][0].value for kind in kinds],
            [EVENTS[kind][1] for kind in kinds],
            _nullable(product),
            _nullable(seen.dwell),
            [
                f'{{"query": "{shop.words.searches[query]}"}}' if kind == behaviour.SEARCH else "{}"
                for kind, query in zip(kinds, queries, strict=True)
            ],
        ],
    )


def _analyze() -> None:
    """Fresh statistics, so that the first pages and estimates are right at once."""
    with connection.cursor() as cursor:
        for model in (Customer, Order, OrderLine, Consent, Event):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
