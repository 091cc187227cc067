"""Taking in what a shop's own systems report: customers, events and orders, a batch in a handful of
statements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.errors import require
from backoffice.models import User
from intake.actions.sessions import sessions_of
from intake.importers.messages import Item, Message, MessageError, Sale, customer_fields, read_message
from intake.importers.sales import RETURN_SUFFIX
from intake.models import EventReceipt
from shop.actions.events import ensure_event_partitions
from shop.models import FORGET_MADE_UP, Customer, CustomerAlias, CustomerTouched, Event, Order, Product

PARTITIONED = timedelta(
    days=800
)  # older events go to the default partition: nobody can make us create a table for 1990

KEEP_RECEIPTS = timedelta(days=3)

RECEIPTS = """
INSERT INTO intake_eventreceipt (message_id, received_at)
SELECT id, %s FROM unnest(%s::varchar[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING message_id
"""
CUSTOMERS = """
INSERT INTO shop_customer AS known
    (external_id, email, phone, first_name, last_name, locale, country, attributes, created_at)
SELECT external_id, email, phone, first_name, last_name, locale, country, attributes, coalesce(created_at, seen_at)
FROM jsonb_to_recordset(%s) AS said (external_id text, email text, phone text, first_name text, last_name text, locale text,
    country text, attributes jsonb, created_at timestamptz, seen_at timestamptz)
ORDER BY external_id
ON CONFLICT (external_id) DO UPDATE SET
    email = coalesce(nullif(excluded.email, ''), known.email), phone = coalesce(nullif(excluded.phone, ''), known.phone),
    first_name = coalesce(nullif(excluded.first_name, ''), known.first_name),
    last_name = coalesce(nullif(excluded.last_name, ''), known.last_name),
    locale = coalesce(nullif(excluded.locale, ''), known.locale),
    country = coalesce(nullif(excluded.country, ''), known.country),
    attributes = known.attributes || excluded.attributes, created_at = least(known.created_at, excluded.created_at)
WHERE (known.email, known.phone, known.first_name, known.last_name, known.locale, known.country) IS DISTINCT FROM
    (excluded.email, excluded.phone, excluded.first_name, excluded.last_name, excluded.locale, excluded.country)
    OR NOT known.attributes @> excluded.attributes OR excluded.created_at < known.created_at
"""
ALIASES = """
INSERT INTO shop_customeralias (anonymous_id, customer_id)
SELECT anonymous_id, id FROM jsonb_to_recordset(%s) AS said (anonymous_id text, external_id text)
JOIN shop_customer USING (external_id) ORDER BY anonymous_id
ON CONFLICT (anonymous_id) DO UPDATE SET customer_id = excluded.customer_id
"""
CLAIM_EVENTS = """
UPDATE shop_event SET customer_id = alias.customer_id FROM shop_customeralias AS alias
WHERE shop_event.customer_id IS NULL AND shop_event.anonymous_id = alias.anonymous_id
    AND shop_event.anonymous_id = ANY(%s)
"""
CONSENTS = """
INSERT INTO shop_consent (customer_id, channel, purpose, granted, source, note, recorded_at)
SELECT customer.id, channel, purpose, granted, 'api', '', at
FROM jsonb_to_recordset(%s) AS said (external_id text, channel text, purpose text, granted boolean, at timestamptz)
JOIN shop_customer AS customer USING (external_id)
LEFT JOIN LATERAL (
    SELECT granted AS before, recorded_at FROM shop_consent
    WHERE customer_id = customer.id AND shop_consent.channel = said.channel AND shop_consent.purpose = said.purpose
    ORDER BY recorded_at DESC, id DESC LIMIT 1
) AS latest ON true
WHERE before IS DISTINCT FROM granted
"""
PRODUCTS = """
INSERT INTO shop_product AS known
    (sku, title, description, category, brand, price, currency, image_url, url, attributes, kind, active, created_at)
SELECT sku, title, '', category, brand, price, currency, image_url, url, '{}', 'product', true, now()
FROM jsonb_to_recordset(%s) AS said (sku text, title text, category text, brand text, price numeric, currency text,
    image_url text, url text)
ORDER BY sku
ON CONFLICT (sku) DO UPDATE SET
    title = coalesce(nullif(known.title, ''), excluded.title), category = coalesce(nullif(known.category, ''), excluded.category),
    brand = coalesce(nullif(known.brand, ''), excluded.brand), price = coalesce(known.price, excluded.price),
    currency = CASE WHEN known.price IS NULL THEN excluded.currency ELSE known.currency END,
    image_url = coalesce(nullif(known.image_url, ''), excluded.image_url), url = coalesce(nullif(known.url, ''), excluded.url)
WHERE (known.title = '' AND excluded.title <> '') OR (known.category = '' AND excluded.category <> '')
    OR (known.brand = '' AND excluded.brand <> '') OR (known.price IS NULL AND excluded.price IS NOT NULL)
    OR (known.image_url = '' AND excluded.image_url <> '') OR (known.url = '' AND excluded.url <> '')
"""
# An order that came by another way (a file) keeps its own lines; it only learns whose it is.
ORDERS = """
INSERT INTO shop_order AS known (number, customer_id, placed_at, status, currency, country, discount, coupon)
SELECT number, customer_id, placed_at, status, currency, country, discount, coupon
FROM jsonb_to_recordset(%s) AS said (number text, customer_id bigint, placed_at timestamptz, status text, currency text,
    country text, discount numeric, coupon text)
ORDER BY number
ON CONFLICT (number) DO UPDATE SET customer_id = coalesce(known.customer_id, excluded.customer_id)
"""
LINES = """
INSERT INTO shop_orderline (order_id, product_id, key, quantity, unit_price)
SELECT placed.id, product.id, key, quantity, unit_price
FROM jsonb_to_recordset(%s) AS said (number text, sku text, key text, quantity integer, unit_price numeric)
JOIN shop_order AS placed USING (number) JOIN shop_product AS product USING (sku)
WHERE NOT EXISTS (SELECT FROM shop_orderline WHERE order_id = placed.id)
"""
FULL_REFUNDS = """
WITH given_back AS (
    INSERT INTO shop_order (number, customer_id, placed_at, status, currency, country, discount, coupon)
    SELECT said.number, sold.customer_id, said.placed_at, 'cancellation', sold.currency, sold.country, 0, sold.coupon
    FROM jsonb_to_recordset(%s) AS said (number text, original text, placed_at timestamptz)
    JOIN shop_order AS sold ON sold.number = said.original ORDER BY said.number
    ON CONFLICT (number) DO NOTHING RETURNING id, number
)
INSERT INTO shop_orderline (order_id, product_id, key, quantity, unit_price)
SELECT given_back.id, line.product_id, line.key, -line.quantity, line.unit_price
FROM given_back JOIN shop_order AS sold ON given_back.number = sold.number || '-return'  -- as in files of orders: RETURN_SUFFIX
JOIN shop_orderline AS line ON line.order_id = sold.id
"""


@dataclass
class Ingested:
    """What became of a batch: counts, and for each message left out its place in the batch and why."""

    accepted: int = 0
    repeated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


def ingest(*, by: User, messages: list[Any], received_at: datetime, sent_at: Any = None) -> Ingested:
    """Take in a batch in one transaction. Messages seen before add nothing; unusable ones are named and left
    out."""
    require(by, "shop.add_event")
    outcome = Ingested()
    understood: dict[str, Message] = {}
    for index, raw in enumerate(messages):
        try:
            message = read_message(raw, received_at=received_at, sent_at=sent_at)
            customer_fields(message)
        except MessageError as reason:
            outcome.rejected.append({"index": index, "reason": str(reason)})
        else:
            understood.setdefault(message.id, message)
    recent = [message.at for message in understood.values() if message.at > received_at - PARTITIONED]
    if recent:
        ensure_event_partitions(min(recent).date(), max(recent).date())
    with transaction.atomic():
        fresh = _unseen(understood, received_at)
        _write(fresh)
    outcome.accepted = len(fresh)
    outcome.repeated = len(messages) - len(outcome.rejected) - len(fresh)
    return outcome


def _run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(rows), cls=DjangoJSONEncoder)


def _unseen(understood: dict[str, Message], received_at: datetime) -> list[Message]:
    """Those whose receipt is written now. A batch that is being written elsewhere is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIPTS, [received_at, list(understood)])
        new = {message_id for (message_id,) in cursor.fetchall()}
    return [message for message in understood.values() if message.id in new]


def _write(messages: list[Message]) -> None:
    if not messages:
        return
    currency = _shop_currency(messages)
    _write_customers(messages)
    customers = _customers(messages)
    _write_products(messages, currency)
    products = dict(
        Product.objects.filter(sku__in={item.sku for m in messages for item in m.items}).values_list(
            "sku", "pk"
        )
    )
    sessions = sessions_of(messages, customers)
    Event.objects.bulk_create(
        Event(
            occurred_at=m.at,
            customer_id=customers.get(m.id),
            anonymous_id=m.anonymous_id,
            session_id=m.session_id or sessions.get(m.id, ""),
            kind=m.kind,
            name=m.name,
            product_id=products[m.items[0].sku] if len(m.items) == 1 else None,
            dwell_seconds=m.dwell_seconds,
            properties=m.properties,
        )
        for m in messages
        if m.kind
    )
    _write_sales([(m, m.sale) for m in messages if m.sale and not m.sale.refund], customers, currency)
    _write_refunds([(m, m.sale) for m in messages if m.sale and m.sale.refund], customers, currency)
    CustomerTouched.objects.add([*customers.values(), *_buyers(messages)])


def _buyers(messages: list[Message]) -> QuerySet[Order, Any]:
    """The customers of the orders that were spoken of, whoever spoke."""
    numbers = {m.sale.number for m in messages if m.sale}
    known = Order.objects.filter(number__in=numbers, customer__isnull=False)
    return known.values_list("customer_id", flat=True) if numbers else known.none()


def _write_customers(messages: list[Message]) -> None:
    said: dict[str, dict[str, Any]] = {}
    for message in sorted((m for m in messages if m.user_id), key=lambda m: m.at):
        known, new = said.get(message.user_id, {}), customer_fields(message)
        merged = known | {name: value for name, value in new.items() if value or name not in known}
        merged["attributes"] = known.get("attributes", {}) | new["attributes"]
        merged["seen_at"] = known.get("seen_at", new["seen_at"])
        said[message.user_id] = merged
    _run(CUSTOMERS, _json(said.values()))
    _run(FORGET_MADE_UP.format(whom="= ANY(%s)"), list(said))
    aliases = {m.anonymous_id: m.user_id for m in messages if m.user_id and m.anonymous_id}
    _run(
        ALIASES,
        _json({"anonymous_id": anonymous, "external_id": user} for anonymous, user in aliases.items()),
    )
    _run(CLAIM_EVENTS, list(aliases))
    answers = {
        (m.user_id, *asked): (yes, m.at) for m in messages if m.user_id for asked, yes in m.consents.items()
    }
    _run(
        CONSENTS,
        _json(
            {"external_id": user, "channel": channel, "purpose": purpose, "granted": yes, "at": at}
            for (user, channel, purpose), (yes, at) in answers.items()
        ),
    )


def _customers(messages: list[Message]) -> dict[str, int]:
    """Message id -> customer's pk, where the user is known or the anonymous visitor has become known."""
    users = dict(
        Customer.objects.filter(external_id__in={m.user_id for m in messages}).values_list(
            "external_id", "pk"
        )
    )
    visitors = dict(
        CustomerAlias.objects.filter(anonymous_id__in={m.anonymous_id for m in messages}).values_list(
            "anonymous_id", "customer_id"
        )
    )
    found = {m.id: users.get(m.user_id) or visitors.get(m.anonymous_id) for m in messages}
    return {message_id: pk for message_id, pk in found.items() if pk}


def _shop_currency(messages: list[Message]) -> str:
    """For amounts sent without one: the shop's own, else that of its latest order, else dollars, as the spec
    has it."""
    if not any(m.items for m in messages):
        return ""
    return (
        settings.SHOP_CURRENCY
        or Order.objects.order_by("-placed_at").values_list("currency", flat=True).first()
        or "USD"
    )


def _write_products(messages: list[Message], currency: str) -> None:
    goods: dict[str, dict[str, Any]] = {}
    for message in messages:
        named = str(message.properties.get("currency") or "").upper()
        for item in message.items:
            goods.setdefault(
                item.sku,
                {
                    "sku": item.sku,
                    "title": item.title,
                    "category": item.category,
                    "brand": item.brand,
                    "url": item.url,
                    "image_url": item.image_url,
                    "price": item.price,
                    "currency": (named if len(named) == 3 else currency),
                },
            )
    _run(PRODUCTS, _json(goods.values()))


def _lines(number: str, items: list[Item], sign: int) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "sku": item.sku,
            "key": f"{place}:{item.sku}"[:64],
            "quantity": sign * item.quantity,
            "unit_price": item.price or Decimal(0),
        }
        for place, item in enumerate(items)
    ]


def _order(
    message: Message, sale: Sale, number: str, customers: dict[str, int], currency: str
) -> dict[str, Any]:
    return {
        "number": number,
        "customer_id": customers.get(message.id),
        "placed_at": message.at,
        "status": Order.Status.CANCELLATION if sale.refund else Order.Status.PAID,
        "currency": sale.currency or currency or "USD",
        "country": "",
        "discount": 0 if sale.refund else sale.discount,
        "coupon": sale.coupon,
    }


def _write_sales(sales: list[tuple[Message, Sale]], customers: dict[str, int], currency: str) -> None:
    placed = {
        sale.number: (message, sale) for message, sale in reversed(sales)
    }  # the first word about a number counts
    if not placed:
        return
    _run(
        ORDERS,
        _json(
            _order(message, sale, number, customers, currency) for number, (message, sale) in placed.items()
        ),
    )
    _run(
        LINES, _json(line for number, (_m, sale) in placed.items() for line in _lines(number, sale.items, 1))
    )


def _write_refunds(refunds: list[tuple[Message, Sale]], customers: dict[str, int], currency: str) -> None:
    """Named products come back as an order of negative lines; without any, the whole order does, once."""
    whole = {sale.number: message for message, sale in refunds if not sale.items}
    if whole:
        _run(
            FULL_REFUNDS,
            _json(
                {"number": f"{number}{RETURN_SUFFIX}", "original": number, "placed_at": message.at}
                for number, message in whole.items()
            ),
        )
    parts = {
        f"{sale.number}{RETURN_SUFFIX}-{hashlib.sha256(message.id.encode()).hexdigest()[:8]}": (message, sale)
        for message, sale in refunds
        if sale.items
    }
    if parts:
        _run(
            ORDERS,
            _json(
                _order(message, sale, number, customers, currency)
                for number, (message, sale) in parts.items()
            ),
        )
        _run(
            LINES,
            _json(line for number, (_m, sale) in parts.items() for line in _lines(number, sale.items, -1)),
        )


def forget_receipts(*, now: datetime | None = None) -> dict[str, int]:
    """Delete the receipts older than KEEP_RECEIPTS; returns how many."""
    oldest = (now or timezone.now()) - KEEP_RECEIPTS
    forgotten, _by_table = EventReceipt.objects.filter(received_at__lt=oldest).delete()
    return {"receipts": forgotten}
