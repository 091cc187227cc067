"""The demo shop: believable, reproducible, and never mixed with real data."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db.models import Count, Max, Sum

from shop.demo import GROUPS, planted_groups
from shop.models import Consent, Customer, Event, Order, OrderLine, Product

pytestmark = pytest.mark.django_db


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def test_a_shop_with_everything_in_it() -> None:
    assert "600 customers" in seed("--customers", "600")
    assert Product.objects.count() == 320
    assert Product.objects.values("category").distinct().count() == 8
    assert all(
        finders.find(url.removeprefix("/static/"))
        for url in Product.objects.values_list("image_url", flat=True)
    )
    assert set(Order.objects.values_list("status", flat=True)) == {"paid", "cancellation"}
    returned = Order.objects.filter(status="cancellation").select_related("refund_of")
    assert all(back.refund_of.customer_id == back.customer_id for back in returned), "each names its sale"
    assert Order.objects.filter(customer=None).exists()
    assert 0.6 < Customer.objects.contactable("email").count() / 600 < 0.85
    assert Consent.objects.filter(source="unsubscribe").exists()
    assert 8 < Event.objects.count() / 600 < 30
    now = datetime.now(tz=UTC)
    assert Event.objects.aggregate(last=Max("occurred_at"))["last"] <= now
    assert Order.objects.aggregate(last=Max("placed_at"))["last"] <= now
    assert not Customer.objects.exclude(email__endswith="@example.com").exists()
    assert not OrderLine.objects.values("order", "product").annotate(n=Count("pk")).filter(n__gt=1).exists()


def test_the_planted_groups_differ() -> None:
    seed("--customers", "1500")
    rows = Customer.objects.annotate(count=Count("orders", distinct=True), spent=Sum("orders__lines__amount"))
    facts = {customer.external_id: (customer.count, float(customer.spent or 0)) for customer in rows}
    by_number = np.array([facts[f"C{n + 1:05d}"] for n in range(1500)])
    groups = planted_groups(1, 1500)
    spent = {group.name: by_number[groups == n, 1].mean() for n, group in enumerate(GROUPS)}
    orders = {group.name: by_number[groups == n, 0].mean() for n, group in enumerate(GROUPS)}
    assert spent["loyal"] > spent["family"] > spent["bargain"] > spent["window"]
    assert orders["loyal"] > 8 > orders["bargain"] > 3 > orders["new"]


def test_the_same_seed_gives_the_same_shop_and_another_does_not() -> None:
    def digest(number: str) -> list[object]:
        with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):  # facts end now
            seed("--customers", "300", "--seed", number, "--reset", "--yes")
        return [
            list(
                OrderLine.objects.order_by("order__number", "key").values_list(
                    "order__number", "product__sku", "amount"
                )
            ),
            Counter(Customer.objects.values_list("first_name", "country")),
        ]

    first = digest("7")
    assert digest("7") == first
    assert digest("8") != first


def test_a_second_call_adds_nothing_and_a_chinese_shop_speaks_chinese() -> None:
    seed("--customers", "50", "--language", "zh-hans")
    assert "already there" in seed("--customers", "50")
    assert Customer.objects.count() == 50
    assert set(Order.objects.values_list("currency", flat=True)) == {"CNY"}
    assert Product.objects.filter(category="女装").count() == 40
    assert Customer.objects.first().name[0] in "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐"
