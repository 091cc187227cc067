"""POST /v1/...: what real SDKs send becomes customers, events and orders; what they repeat adds nothing."""

from __future__ import annotations

import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from segment.analytics.client import Client as Segment

from intake.actions.events import forget_receipts, ingest
from intake.models import EventReceipt
from shop.models import Consent, Customer, Event, Order, OrderLine, Product, Unprofiled
from tests.factories import (
    ApiKeyFactory,
    CustomerFactory,
    EventFactory,
    EventReceiptFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

ORDER = {
    "order_id": "W-1001",
    "currency": "EUR",
    "discount": 5,
    "coupon": "HELLO",
    "products": [
        {
            "product_id": "1",
            "sku": "BOOT-42",
            "name": "Ankle boots",
            "category": "Shoes",
            "price": 79.95,
            "quantity": 2,
        },
        {"product_id": "SOCK", "name": "Socks", "price": "0.1", "quantity": 3},
    ],
}


def track(event: str, message_id: str, properties: Any = None, **more: Any) -> dict[str, Any]:
    who = more if "anonymousId" in more else {"userId": "u1"} | more
    return {"type": "track", "event": event, "messageId": message_id, "properties": properties or {}, **who}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gzipped", [False, True])
def test_the_segment_package_delivers_a_customer_their_visit_and_their_order(
    live_server: Any, key: str, gzipped: bool
) -> None:
    errors: list[Any] = []
    sdk = Segment(
        key,
        host=live_server.url,
        gzip=gzipped,
        on_error=lambda error, items: errors.append(error),
        max_retries=1,
    )
    sdk.track(
        anonymous_id="visitor", event="Product Viewed", properties={"sku": "BOOT-42", "name": "Ankle boots"}
    )
    sdk.identify(
        "u1",
        {
            "email": "jo@example.com",
            "firstName": "Jo",
            "address": {"country": "Ireland", "city": "Cork"},
            "plan": "gold",
            "email_consent": True,
        },
        anonymous_id="visitor",
    )
    sdk.track("u1", "Order Completed", ORDER)
    sdk.flush()
    sdk.join()
    assert errors == []
    customer = Customer.objects.get(external_id="u1")
    assert (customer.email, customer.first_name, customer.country) == ("jo@example.com", "Jo", "Ireland")
    assert customer.attributes == {"plan": "gold", "address_city": "Cork"}
    assert list(
        Event.objects.filter(customer=customer).order_by("pk").values_list("kind", "product__sku")
    ) == [
        ("view", "BOOT-42"),
        ("purchase", None),
    ]
    order = Order.objects.get(number="W-1001")
    assert (order.customer, order.currency, order.discount, order.coupon) == (
        customer,
        "EUR",
        Decimal(5),
        "HELLO",
    )
    assert set(order.lines.values_list("product__sku", "quantity", "amount")) == {
        ("BOOT-42", 2, Decimal("154.9094")),  # less their share of the discount
        ("SOCK", 3, Decimal("0.2906")),
    }
    assert Customer.objects.contactable("email").get() == customer


def test_a_repeated_batch_adds_nothing(send: Any) -> None:
    batch = [
        {"type": "identify", "userId": "u1", "messageId": "m1", "traits": {"email_consent": True}},
        track("Order Completed", "m2", ORDER),
        track("Product Viewed", "m3", {"sku": "BOOT-42"}),
    ]
    assert send(*batch)["accepted"] == 3
    before = [model.objects.count() for model in (Customer, Event, Order, OrderLine, Product, Consent)]
    assert send(*batch, track("Product Viewed", "m4")) == {
        "success": True,
        "accepted": 1,
        "repeated": 3,
        "erased": 0,
        "rejected": [],
    }
    after = [model.objects.count() for model in (Customer, Event, Order, OrderLine, Product, Consent)]
    assert after == [before[0], before[1] + 1, *before[2:]]


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_are_written_once(key: str) -> None:
    batch = {
        "writeKey": key,
        "batch": [track("Order Completed", f"m{n}", ORDER | {"order_id": f"W{n}"}) for n in range(40)],
    }

    def post(_n: int) -> int:
        try:
            return Client().post("/v1/batch", batch, content_type="application/json").json()["accepted"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [0, 0, 0, 40]
    assert (Order.objects.count(), OrderLine.objects.count(), Event.objects.count()) == (40, 80, 40)


def test_earlier_anonymous_events_find_their_customer(send: Any) -> None:
    earlier = EventFactory(customer=None, anonymous_id="visitor")
    other = EventFactory(customer=None, anonymous_id="somebody else")
    send({"type": "alias", "userId": "u1", "previousId": "visitor"})
    earlier.refresh_from_db()
    other.refresh_from_db()
    assert earlier.customer == Customer.objects.get(external_id="u1")
    assert other.customer is None
    send(track("Product Viewed", "m2", anonymousId="visitor"))
    assert Event.objects.filter(customer=earlier.customer).count() == 2


def test_events_without_a_session_are_visits_by_the_half_hour(send: Any) -> None:
    now = timezone.now()

    def at(minutes: int) -> str:
        return (now - timedelta(minutes=minutes)).isoformat()

    for visitor in ({"anonymousId": "visitor"}, {"userId": "u1"}):
        name = next(iter(visitor.values()))
        send(
            track("Product Viewed", f"{name}1", timestamp=at(200), **visitor),
            track("Product Viewed", f"{name}2", timestamp=at(190), **visitor),
            track("Product Added", f"{name}3", timestamp=at(150), **visitor),
        )
        send(
            track("Product Viewed", f"{name}4", timestamp=at(130), **visitor),  # goes on in another batch
            track("Order Completed", f"{name}5", ORDER | {"order_id": name}, timestamp=at(129), **visitor),
            track("Product Viewed", f"{name}6", timestamp=at(90), **visitor),
        )
        mine = Event.objects.filter(anonymous_id=visitor.get("anonymousId", "")).order_by("occurred_at")
        first, second, third, fourth, order, last = mine.values_list("session_id", flat=True)
        assert first == second != ""
        assert third == fourth not in ("", first)
        assert (order, last not in ("", first, third)) == ("", True)
    assert Event.objects.exclude(session_id="").values("session_id").distinct().count() == 6
    send(track("Product Viewed", "own", context={"sessionId": "s1"}))
    assert Event.objects.filter(session_id="s1").count() == 1


def test_an_order_that_came_by_file_keeps_its_lines_and_learns_its_customer(send: Any) -> None:
    line = OrderLineFactory(order=OrderFactory(number="W-1001", customer=None))
    send(track("Order Completed", "m1", ORDER))
    order = Order.objects.get(number="W-1001")
    assert (list(order.lines.all()), order.customer) == ([line], Customer.objects.get(external_id="u1"))


def test_refunds_are_negative_lines(send: Any) -> None:
    send(track("Order Completed", "m1", ORDER))
    send(
        track(
            "Order Refunded",
            "m2",
            {"order_id": "W-1001", "products": [{"sku": "SOCK", "price": 0.1, "quantity": 1}]},
        )
    )
    part = Order.objects.get(status=Order.Status.CANCELLATION)
    assert list(part.lines.values_list("quantity", "amount")) == [(-1, Decimal("-0.1"))]
    send(track("Order Refunded", "m3", {"order_id": "W-1001"}))
    send(track("Order Cancelled", "m4", {"order_id": "W-1001"}))
    whole = Order.objects.get(number="W-1001-return")
    assert sorted(whole.lines.values_list("quantity", "amount")) == [
        (-3, Decimal("-0.2906")),
        (-2, Decimal("-154.9094")),
    ]
    assert whole.customer == Customer.objects.get(external_id="u1")


def test_identify_fills_and_corrects_but_never_blanks(send: Any) -> None:
    CustomerFactory(external_id="u1", first_name="Ann", attributes={"plan": "free", "age": 30})
    traits = {"lastName": "Lee", "firstName": "", "email": "not an address", "plan": "gold"}
    send({"type": "identify", "userId": "u1", "traits": traits})
    customer = Customer.objects.get(external_id="u1")
    assert (customer.first_name, customer.last_name, customer.email) == ("Ann", "Lee", "u1@example.com")
    assert customer.attributes == {"plan": "gold", "age": 30}


def test_the_country_fills_its_column_wherever_it_is_said(send: Any) -> None:
    ireland, austria = {"address": {"country": "Ireland"}}, {"country": "DE", "address": {"country": "AT"}}
    said = {"top": {"country": "DE"}, "address": ireland, "both": austria}
    send(*({"type": "identify", "userId": user, "traits": traits} for user, traits in said.items()))
    assert dict(Customer.objects.values_list("external_id", "country")) == {
        "top": "DE",
        "address": "Ireland",
        "both": "AT",
    }
    assert not Customer.objects.exclude(attributes={}).exists()


def test_only_explicit_words_are_consent(send: Any) -> None:
    for answer in ("yes", None, 1):
        send({"type": "identify", "userId": "u1", "traits": {"email_consent": answer}})
    assert not Consent.objects.exists()
    for answer in (True, True, False):
        send({"type": "identify", "userId": "u1", "traits": {"email_consent": answer}})
    assert list(Consent.objects.order_by("pk").values_list("granted", "source")) == [
        (True, "api"),
        (False, "api"),
    ]


def test_the_catalogue_is_filled_but_not_overwritten(send: Any) -> None:
    ProductFactory(sku="BOOT-42", title="Boots (ours)", category="", price=Decimal(70))
    send(track("Product Viewed", "m1", ORDER["products"][0]))
    product = Product.objects.get(sku="BOOT-42")
    assert (product.title, product.category, product.price) == ("Boots (ours)", "Shoes", Decimal(70))


def test_a_wrong_clock_is_corrected_and_the_far_future_refused(send: Any) -> None:
    now = timezone.now()
    ahead = now + timedelta(days=30)
    answer = send(
        track("Right", "m1", timestamp=(ahead - timedelta(hours=1)).isoformat()), sentAt=ahead.isoformat()
    )
    assert answer["accepted"] == 1
    assert abs(Event.objects.get().occurred_at - (now - timedelta(hours=1))) < timedelta(minutes=1)
    answer = send(track("Wrong", "m2", timestamp=ahead.isoformat()))
    assert answer["rejected"] == [{"index": 0, "field": "timestamp", "reason": "timestamp: in the future."}]


def post(body: bytes, key: str = "", url: str = "/v1/batch", **headers: str) -> Any:
    if key:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    return Client().post(url, body, content_type="application/json", headers=headers)


def test_answers_that_make_clients_stop_or_try_again(key: str) -> None:
    good = json.dumps({"batch": [track("x", "m1")]}).encode()
    assert post(good, key).status_code == 200
    assert post(good, "wrong.key").status_code == 401
    assert post(good).status_code == 401
    assert post(good, Authorization=f"Bearer {key}").status_code == 200
    assert post(b"{", key).status_code == 400
    assert post(b"[]", key).status_code == 400
    assert post(b"{}", key).status_code == 400
    assert post(b'{"batch": [NaN]}', key).json()["rejected"]
    assert post(b"x" * 600_000, key).status_code == 413
    assert post(gzip.compress(b" " * 50_000_000), key, **{"Content-Encoding": "gzip"}).status_code == 413
    assert post(good, key, **{"Content-Encoding": "gzip"}).status_code == 400
    assert post(gzip.compress(good)[:-12], key, **{"Content-Encoding": "gzip"}).status_code == 400
    assert post(json.dumps(track("x", "m2")).encode(), key, url="/v1/track").status_code == 200
    assert post(json.dumps({"userId": "u"}).encode(), key, url="/v1/track").status_code == 400
    assert Client().get("/v1/batch").status_code == 405


def test_a_key_whose_owner_may_only_look_is_refused(ines: Any) -> None:
    body = json.dumps({"batch": [track("x", "m1")]}).encode()
    assert post(body, ApiKeyFactory(owner=ines).key).status_code == 403
    assert not EventReceipt.objects.exists()


def test_a_word_about_personalisation_is_one_about_profiling(ada: Any) -> None:
    traits = {"personalisation_consent": False, "sms_consent": True}
    identify = {"type": "identify", "userId": "C1", "messageId": "1", "traits": traits}
    ingest(by=ada, messages=[identify], received_at=timezone.now())
    words = Consent.objects.order_by("channel").values_list("channel", "purpose", "granted")
    assert list(words) == [("email", "profiling", False), ("sms", "marketing", True)]
    assert Unprofiled.objects.get().customer.external_id == "C1"


def test_nothing_is_sold_below_zero(ada: Any) -> None:
    negative_price, negative_discount = (
        {"products": [{"product_id": "A", "price": -5}]},
        ORDER | {"discount": -1},
    )
    for index, part in enumerate((negative_price, negative_discount)):
        properties = {**part, "order_id": f"W-{index}"}
        message = {"type": "track", "event": "Order Completed", "userId": "C1", "properties": properties}
        outcome = ingest(by=ada, messages=[message], received_at=timezone.now())
        assert outcome.accepted == 0
        assert "below zero" in outcome.rejected[0]["reason"]


@pytest.mark.django_db
def test_receipts_are_kept_for_three_days() -> None:
    now = timezone.now()
    EventReceiptFactory(message_id="old", received_at=now - timedelta(days=4))
    EventReceiptFactory(message_id="new", received_at=now - timedelta(days=2))
    assert forget_receipts(now=now) == {"receipts": 1}
    assert list(EventReceipt.objects.values_list("message_id", flat=True)) == ["new"]
