"""Taking in what a shop's own systems report: customers, events and orders, a batch in a handful of
statements."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from backoffice.errors import require
from backoffice.models import User
from intake.actions.facts.consents import write_consents
from intake.actions.facts.customers import note_touched, write_customers
from intake.actions.facts.erased import without_erased
from intake.actions.facts.orders import write_lines_of_batch, write_orders
from intake.actions.facts.products import write_products
from intake.actions.facts.refunds import settle
from intake.actions.facts.staging import CONSENTS, CUSTOMERS, LINES, ORDERS, PRODUCTS, StagedBatch
from intake.actions.sessions import sessions_of
from intake.importers.events import (
    CURRENCY,
    IncomingMessage,
    Item,
    MessageError,
    Sale,
    customer_fields,
    read_message,
)
from intake.importers.orders import FINEST, RETURN_SUFFIX
from intake.importers.policies import ConsentDates, Policy
from intake.models import EventReceipt
from shop.actions.events import ensure_event_partitions
from shop.currency import currency_of_new_amounts
from shop.models import Consent, Customer, CustomerAlias, CustomerTouched, Event, Order, Product

logger = logging.getLogger(__name__)

PARTITIONED = timedelta(
    days=800
)  # older events go to the default partition: nobody can make us create a table for 1990

KEEP_RECEIPTS = timedelta(days=3)
CENT_OF_A_CENT = Decimal("0.0001")

RECEIPTS = """
INSERT INTO intake_eventreceipt (message_id, received_at)
SELECT id, %s FROM unnest(%s::varchar[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING message_id
"""
ALIASES = """
INSERT INTO shop_customeralias (anonymous_id, customer_id)
SELECT anonymous_id, id FROM jsonb_to_recordset(%s) AS identified (anonymous_id text, external_id text)
JOIN shop_customer USING (external_id) ORDER BY anonymous_id
ON CONFLICT (anonymous_id) DO UPDATE SET customer_id = excluded.customer_id
"""
CLAIM_EVENTS = """
UPDATE shop_event SET customer_id = alias.customer_id FROM shop_customeralias AS alias
WHERE shop_event.customer_id IS NULL AND shop_event.anonymous_id = alias.anonymous_id
    AND shop_event.anonymous_id = ANY(%s)
"""


@dataclass
class Ingested:
    """What became of a batch: counts, and for each message left out its place in the batch and why."""

    accepted: int = 0
    repeated: int = 0
    erased: int = 0  # of the accepted: about people who asked to be erased, and left out
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, index: int, problem: MessageError) -> None:
        self.rejected.append({"index": index, "field": problem.field, "reason": str(problem)})


def ingest(*, by: User, messages: list[Any], received_at: datetime, sent_at: Any = None) -> Ingested:
    """Take in a batch in one transaction. Each message is judged alone: those seen before add nothing,
    unusable ones are named and left out, and so is one that the database refuses."""
    require(by, "shop.add_event")
    outcome = Ingested()
    understood: dict[str, IncomingMessage] = {}
    places: dict[str, int] = {}
    for index, raw in enumerate(messages):
        try:
            message = read_message(raw, received_at=received_at, sent_at=sent_at)
            customer_fields(message)
        except MessageError as problem:
            outcome.reject(index, problem)
        else:
            understood.setdefault(message.id, message)
            places.setdefault(message.id, index)
    recent = [message.at for message in understood.values() if message.at > received_at - PARTITIONED]
    if recent:
        ensure_event_partitions(min(recent).date(), max(recent).date())
    with transaction.atomic():
        for message_id in _take_in(list(understood.values()), received_at, outcome):
            outcome.reject(places[message_id], MessageError("The database cannot hold this message."))
    outcome.rejected.sort(key=itemgetter("index"))
    outcome.repeated = len(messages) - len(outcome.rejected) - outcome.accepted
    return outcome


def _take_in(messages: list[IncomingMessage], received_at: datetime, outcome: Ingested) -> list[str]:
    """Write the messages that are new, together. Where the database refuses a value each half is tried, so
    that one message never loses the others. Returns the ids of those that it refused."""
    try:
        with transaction.atomic():
            fresh = _unseen(messages, received_at)
            known, erased = without_erased(fresh)
            _write(known)
    except (DataError, IntegrityError, ValueError):
        if len(messages) == 1:
            logger.exception("A message that passed all checks was refused by the database.")
            return [messages[0].id]
        half = len(messages) // 2
        halves = messages[:half], messages[half:]
        return [refused for part in halves for refused in _take_in(part, received_at, outcome)]
    outcome.accepted += len(fresh)
    outcome.erased += erased
    return []


def _run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(rows), cls=DjangoJSONEncoder)


def _unseen(messages: list[IncomingMessage], received_at: datetime) -> list[IncomingMessage]:
    """Those whose receipt is written now. A batch that is being written elsewhere is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIPTS, [received_at, [message.id for message in messages]])
        new = {message_id for (message_id,) in cursor.fetchall()}
    return [message for message in messages if message.id in new]


def _write(messages: list[IncomingMessage]) -> None:
    if not messages:
        return
    staged = StagedBatch()
    _stage_customers(staged, messages)
    write_customers(staged, Policy.REPLACE)
    write_consents(staged, ConsentDates.EXACT, source=Consent.Source.API)
    _write_aliases(messages)
    customers = _customers(messages)
    currency = _assumed_currency(messages)
    _stage_products(staged, messages, currency)
    write_products(staged)
    _write_events(messages, customers)
    _write_sales(messages, customers, currency)
    _write_refunds(messages, customers, currency)
    note_touched(staged)
    CustomerTouched.objects.add(customer.pk for customer in customers.values())


def _stage_customers(staged: StagedBatch, messages: list[IncomingMessage]) -> None:
    """One row for each user: later messages correct earlier ones, and a blank corrects nothing."""
    stated: dict[str, dict[str, Any]] = {}
    answers: dict[tuple[str, str, str], dict[str, Any]] = {}
    for message in sorted((m for m in messages if m.user_id), key=lambda m: m.at):
        known, new = stated.get(message.user_id, {}), customer_fields(message)
        merged = known | {name: value for name, value in new.items() if value or name not in known}
        merged["attributes"] = known.get("attributes", {}) | new["attributes"]
        merged["seen_at"] = min(known.get("seen_at", new["seen_at"]), new["seen_at"])
        stated[message.user_id] = merged
    # Of answers in one batch the newest counts, whatever their order; of two at one moment the no.
    for message in sorted(messages, key=lambda m: m.at):
        for (channel, purpose), granted in message.consents.items() if message.user_id else ():
            before = answers.get((message.user_id, channel, purpose))
            if before and before["stated_at"] == message.at and not before["granted"]:
                continue
            answers[message.user_id, channel, purpose] = {
                "external_id": message.user_id,
                "channel": channel,
                "purpose": purpose,
                "granted": granted,
                "stated_at": message.at,
            }
    staged.add(CUSTOMERS, stated.values())
    staged.add(CONSENTS, answers.values())


def _write_aliases(messages: list[IncomingMessage]) -> None:
    """Remember who anonymous visitors turned out to be, and give them their earlier events."""
    aliases = {m.anonymous_id: m.user_id for m in messages if m.user_id and m.anonymous_id}
    rows = [{"anonymous_id": anonymous, "external_id": user} for anonymous, user in aliases.items()]
    with connection.cursor() as cursor:
        cursor.execute(ALIASES, [json.dumps(rows)])
        cursor.execute(CLAIM_EVENTS, [list(aliases)])


def _customers(messages: list[IncomingMessage]) -> dict[str, Customer]:
    """Message id -> customer, where the user is known or the anonymous visitor has become known."""
    users = {
        customer.external_id: customer
        for customer in Customer.objects.filter(external_id__in={m.user_id for m in messages})
    }
    visitors = {
        alias.anonymous_id: alias.customer
        for alias in CustomerAlias.objects.filter(
            anonymous_id__in={m.anonymous_id for m in messages}
        ).select_related("customer")
    }
    found = {m.id: users.get(m.user_id) or visitors.get(m.anonymous_id) for m in messages}
    return {message_id: customer for message_id, customer in found.items() if customer}


def _assumed_currency(messages: list[IncomingMessage]) -> str:
    """For amounts sent without one: the shop's own, else that of its latest order, else dollars, as the spec
    has it."""
    if not any(m.items for m in messages):
        return ""
    return currency_of_new_amounts() or "USD"


def _stage_products(staged: StagedBatch, messages: list[IncomingMessage], currency: str) -> None:
    """One row for each product, as the first message names it."""
    products: dict[str, dict[str, Any]] = {}
    for message in messages:
        currency_sent = str(message.properties.get("currency") or "").upper()
        for item in message.items:
            products.setdefault(
                item.sku,
                {
                    "sku": item.sku,
                    "title": item.title,
                    "category": item.category,
                    "brand": item.brand,
                    "url": item.url,
                    "image_url": item.image_url,
                    "price": item.price,
                    "currency": currency_sent if CURRENCY.fullmatch(currency_sent) else currency,
                },
            )
    staged.add(PRODUCTS, products.values())


def _write_events(messages: list[IncomingMessage], customers: dict[str, Customer]) -> None:
    skus = {item.sku for m in messages for item in m.items}
    products = dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk"))
    keys = {message_id: customer.pk for message_id, customer in customers.items()}
    sessions = sessions_of(messages, keys)
    Event.objects.bulk_create(
        Event(
            occurred_at=m.at,
            customer_id=keys.get(m.id),
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


def _write_sales(messages: list[IncomingMessage], customers: dict[str, Customer], currency: str) -> None:
    """Write the orders that were placed; the first message about a number counts."""
    staged = StagedBatch()
    placed = {m.sale.number: (m, m.sale) for m in reversed(messages) if m.sale and not m.sale.refund}
    for number, (message, sale) in placed.items():
        order = _order(message, sale, customers.get(message.id), currency)
        staged.add(ORDERS, [{**order, "number": number, "status": Order.Status.PAID, "refund_of": ""}])
        staged.add(LINES, _lines_sold(number, sale))
    if placed:
        write_orders(staged)
        write_lines_of_batch(staged)
        note_touched(staged)


def _write_refunds(messages: list[IncomingMessage], customers: dict[str, Customer], currency: str) -> None:
    """Named products come back as an order of negative lines; without any, the whole order does, once."""
    refunds = [(m, m.sale) for m in messages if m.sale and m.sale.refund]
    if not refunds:
        return
    staged = StagedBatch()
    numbers = {sale.number for _message, sale in refunds}
    sold = {
        order.number: order
        for order in Order.objects.filter(number__in=numbers)
        .select_related("customer")
        .prefetch_related("lines__product")
    }
    for message, sale in refunds:
        if sale.items:
            known = sold.get(sale.number)
            customer = customers.get(message.id) or (known.customer if known else None)
            number = f"{sale.number}{RETURN_SUFFIX}-{hashlib.sha256(message.id.encode()).hexdigest()[:8]}"
            refund = {**_order(message, sale, customer, currency), "discount": 0, "whole": False}
            staged.add(LINES, _lines(number, sale.items, -1))
        elif sale.number in sold:
            number = f"{sale.number}{RETURN_SUFFIX}"
            refund = {**_order_again(sold[sale.number], message.at), "whole": True}
            staged.add(LINES, _lines_again(sold[sale.number], number))
        else:
            continue
        about = {"number": number, "status": Order.Status.CANCELLATION, "refund_of": sale.number}
        staged.add(ORDERS, [{**refund, **about}])
    write_orders(staged)
    write_lines_of_batch(staged)
    settle(staged)
    note_touched(staged)


def _order(message: IncomingMessage, sale: Sale, customer: Customer | None, currency: str) -> dict[str, Any]:
    return {
        "customer": customer and customer.external_id,
        "placed_at": message.at,
        "currency": sale.currency or currency or "USD",
        "country": "",
        "discount": sale.discount,
        "coupon": sale.coupon,
    }


def _lines(number: str, items: list[Item], sign: int) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "sku": item.sku,
            "key": "",
            "quantity": sign * item.quantity,
            "unit_price": item.price or Decimal(0),
        }
        for item in items
    ]


def _lines_sold(number: str, sale: Sale) -> list[dict[str, Any]]:
    """Its lines, each less its share of the order's discount, so that together they are worth what was paid.
    The key is that of the price before: the same line in a file of orders is recognised."""
    lines = _lines(number, sale.items, 1)
    worth = sum(line["unit_price"] * line["quantity"] for line in lines)
    if not sale.discount or not worth:
        return lines
    seen: Counter[str] = Counter()
    left, of = sale.discount, worth
    for line in lines:
        full = line["unit_price"] * line["quantity"]
        share = (left * full / of).quantize(CENT_OF_A_CENT) if of else Decimal(0)
        left, of = left - share, of - full
        # As `facts.orders` makes it of a line without a key.
        about = f"{line['sku']}|{line['quantity']}|{line['unit_price']:.14f}"
        seen[about] += 1
        line["key"] = hashlib.md5(f"{about}|{seen[about]}".encode(), usedforsecurity=False).hexdigest()
        line["unit_price"] = ((full - share) / line["quantity"]).quantize(FINEST)
    return lines


def _order_again(order: Order, placed_at: datetime) -> dict[str, Any]:
    """The order once more, as it was sold."""
    return {
        "customer": order.customer and order.customer.external_id,
        "placed_at": placed_at,
        "currency": order.currency,
        "country": order.country,
        "discount": 0,
        "coupon": order.coupon,
    }


def _lines_again(order: Order, number: str) -> list[dict[str, Any]]:
    """Its lines, negative."""
    return [
        {
            "number": number,
            "sku": line.product.sku,
            "key": line.key,
            "quantity": -line.quantity,
            "unit_price": line.unit_price,
        }
        for line in order.lines.all()
    ]


def forget_receipts(*, now: datetime | None = None) -> dict[str, int]:
    """Delete the receipts older than KEEP_RECEIPTS; returns how many."""
    oldest = (now or timezone.now()) - KEEP_RECEIPTS
    forgotten, _by_table = EventReceipt.objects.filter(received_at__lt=oldest).delete()
    return {"receipts": forgotten}
