"""Each message of a batch is judged alone: by its bounds, by what can be read, by the database."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from intake.models import EventReceipt
from shop.models import Event, OrderLine
from tests.intake.actions.test_events import ORDER, post, track

pytestmark = pytest.mark.django_db


def nested(levels: int) -> Any:
    inner: Any = 1
    for _level in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("text", "JSON object"),
        ({"type": "guess", "userId": "u"}, "type"),
        ({"type": "track", "event": "x"}, "userId"),
        (track("", "m"), "event"),
        (track("x", "m", "text"), "properties"),
        (track("x", "m", {"a": "x" * 33_000}), "32 KB"),
        (track("x", "m", timestamp="soon"), "timestamp"),
        (track("x", "m", {"a": "\0"}), "NUL"),
        (track("Order Completed", "m", {"products": []}), "order_id"),
        (track("Order Completed", "m", ORDER | {"currency": "euros"}), "currency"),
        (track("Order Completed", "m", {"order_id": 1, "products": [{"sku": "a"}]}), "price"),
        (track("Order Completed", "m", {"order_id": 1, "products": [{"sku": "a", "price": "9,5"}]}), "price"),
        (track("Product Added", "m", {"sku": "a", "quantity": -1}), "quantity"),
        (track("Product Added", "m", {"sku": "a", "quantity": 1.5}), "quantity"),
        (track("Product Added", "m", {"sku": "a", "quantity": "1e999999999"}), "quantity"),
        (track("Product Added", "m", {"sku": "a", "price": 1e9, "quantity": 10**6}), "price"),
        (track("Order Completed", "m", {"order_id": 1, "revenue": 55.0}), "products"),
        (
            track(
                "Order Completed", "m", {"order_id": 1, "products": [{"sku": "a", "price": 1}, {"price": 2}]}
            ),
            "products",
        ),
        (
            track(
                "Order Completed", "m", {"order_id": 1, "products": [{"sku": "a", "price": 3, "quantity": 0}]}
            ),
            "quantity",
        ),
        (
            track(
                "Order Completed", "m", {"order_id": 1, "discount": 4, "products": [{"sku": "a", "price": 3}]}
            ),
            "discount",
        ),
        (track("x", "m", timestamp="0001-01-01T00:00:00Z"), "timestamp"),
        (track("x", "m", timestamp="9999-12-31T23:59:59-14:00"), "timestamp"),
        ({"type": "identify", "userId": "u", "traits": {"createdAt": "0001-01-01T00:00:00Z"}}, "createdAt"),
        ({"type": ["track"], "userId": "u", "event": "x"}, "type"),
        ({"type": {"a": 1}, "userId": "u", "event": "x"}, "type"),
        (track("x", "m", {"a": "\ud800"}), "cannot be stored"),
        (track("x", "m", {"a\0": 1}), "NUL"),
        (track("x", "m", {"a": math.inf}), "cannot be stored"),
        (track("x", "m", {"a": nested(40)}), "nested"),
    ],
)
def test_an_unusable_message_is_named_and_the_rest_goes_in(send: Any, message: Any, reason: str) -> None:
    answer = send(message, track("Good", "good"))
    assert (answer["accepted"], [one["index"] for one in answer["rejected"]]) == (1, [0])
    assert reason in answer["rejected"][0]["reason"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"9" * 5000, "cannot be stored"),
        (b"[" * 10_000 + b"]" * 10_000, "nested"),
        (b'{"a":' * 3000 + b'"}"' + b"}" * 3000, "nested"),
        (b'"caf\xe9"', "cannot be stored"),
        (b"1e999", "cannot be stored"),
    ],
)
def test_a_part_that_cannot_be_read_loses_one_message(key: str, bad: bytes, reason: str) -> None:
    message = b'{"type":"track","event":"x","userId":"u","messageId":"%d","properties":{"a":%s}}'
    answer = post(
        b'{"batch":[%s,%s,%s]}' % (message % (1, b"1"), message % (2, bad), message % (3, b"[2]")), key
    )
    assert answer.status_code == 200, answer.content
    assert (answer.json()["accepted"], Event.objects.count()) == (2, 2)
    (rejected,) = answer.json()["rejected"]
    assert rejected["index"] == 1
    assert reason in rejected["reason"]


def test_what_only_the_database_refuses_is_left_out_alone(send: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_event ADD CONSTRAINT no_sevens CHECK (name <> 'Seven')")
    answer = send(*(track("Seven" if at == 7 else f"Event {at}", f"m{at}") for at in range(10)))
    assert (answer["accepted"], answer["repeated"]) == (9, 0)
    assert answer["rejected"] == [
        {"index": 7, "field": "", "reason": "The database cannot hold this message."}
    ]
    assert Event.objects.count() == EventReceipt.objects.count() == 9


def test_an_order_is_worth_what_was_paid_for_it(send: Any) -> None:
    line = {"product_id": "P-1", "price": 12.5, "quantity": 3}
    order = {"order_id": "W-9", "currency": "GBP", "discount": "2.50", "products": [line, line]}
    send(track("Order Completed", "first", order))
    send(track("Order Completed", "a reload", order))
    assert sum(line.amount for line in OrderLine.objects.all()) == Decimal("72.50")
