"""Orders and products in the admin: what was bought, for how much, in how many queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.models import Order
from tests.factories import OrderFactory, OrderLineFactory, ProductFactory

pytestmark = pytest.mark.django_db


def an_order(**fields: Any) -> Order:
    order = OrderFactory(currency="EUR", discount=Decimal("1.5"), **fields)
    OrderLineFactory(order=order, product__title="Oak table", quantity=2, unit_price=Decimal("5.99"))
    OrderLineFactory(order=order, product__title="Screw", quantity=3, unit_price=Decimal("0.0035"))
    return order


def test_an_order_shows_its_lines_and_total(ines: Any, as_user: Any) -> None:
    page = as_user(ines).get(f"/admin/shop/order/{an_order().pk}/change/").content.decode()
    for shown in ("Oak table", "€5.99", "€11.98", "Screw", "€0.0035", "€0.0105", "€11.9905", "€1.50"):
        assert shown in page
    assert "5.9900" not in page
    assert 'name="_save"' not in page, "nobody changes an order here"


def test_the_list_of_orders_shows_totals(ines: Any, as_user: Any) -> None:
    an_order()
    OrderFactory(number="EMPTY")
    page = as_user(ines).get("/admin/shop/order/?o=-5").content.decode()
    assert "€11.99" in page
    assert "EMPTY" in page


def test_newest_first_with_links_to_customers_and_to_what_was_given_back(ines: Any, as_user: Any) -> None:
    client, day = as_user(ines), datetime(2026, 3, 1, tzinfo=UTC)
    sale = OrderFactory(number="A1", placed_at=day)
    back = OrderFactory(
        number="A1-return", placed_at=day + timedelta(days=1), refund_of=sale, status="cancellation"
    )
    OrderFactory(number="Z9-return", placed_at=day, refund_of_id="Z9", status="cancellation", customer=None)
    page = client.get("/admin/shop/order/").content.decode()
    assert page.index("A1-return</a></th>") < page.index("A1</a></th>")
    assert f'<a href="/customers/{sale.customer_id}/">' in page
    assert f'of <a href="/admin/shop/order/{sale.pk}/change/">A1</a>' in page
    assert "of Z9" in page, "a sale that has not been reported yet is named"
    page = client.get(f"/admin/shop/order/{sale.pk}/change/").content.decode()
    assert f'<a href="/admin/shop/order/{back.pk}/change/">A1-return</a>' in page


def queries(client: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_more_orders_and_lines_take_no_more_queries(ines: Any, as_user: Any) -> None:
    client, order = as_user(ines), an_order()
    pages = ["/admin/shop/order/", f"/admin/shop/order/{order.pk}/change/"]
    for address in pages:
        client.get(address)  # what is looked up once and kept, such as content types, is not counted
    few = [queries(client, address) for address in pages]
    for _n in range(5):
        an_order()
        OrderLineFactory(order=order)
    assert [queries(client, address) for address in pages] == few


def test_prices_in_the_catalogue(ada: Any, as_user: Any, admin_client: Any) -> None:
    product = ProductFactory(price=Decimal("5.9900"), currency="EUR", cost=None)
    assert "€5.99" in as_user(ada).get("/admin/shop/product/").content.decode()
    page = admin_client.get(f"/admin/shop/product/{product.pk}/change/").content.decode()
    assert 'value="5.99"' in page


@pytest.mark.parametrize("path", ["product", "order", "consent"])
def test_an_empty_list_leads_to_the_import(ada: Any, as_user: Any, path: str) -> None:
    window = as_user(ada)
    assert 'href="/imports/' in window.get(f"/admin/shop/{path}/").content.decode().split("<main")[1]
    searched = window.get(f"/admin/shop/{path}/?q=nobody").content.decode().split("<main")[1]
    assert 'href="/imports/' not in searched
    assert "Show all" in searched
