from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from backoffice.models import User
from recommendations.actions.market_baskets import find_market_baskets
from shop.models import Order
from tests.recommendations.conftest import OPENING

AS_OF = OPENING + timedelta(days=100)
PAGE = reverse("recommendations:market-baskets")


def test_before_the_first_run_the_page_names_the_next_step(mara, ines, as_user):
    assert "Import orders" in as_user(mara).get(PAGE).text
    Order.objects.create(number="1", placed_at="2026-01-01T00:00Z", currency="GBP")
    assert "Find market baskets" in as_user(mara).get(PAGE).text
    assert "Find market baskets" not in as_user(ines).get(PAGE).text


def test_rules_are_sentences(bread_and_butter, mara, as_user):
    find_market_baskets(as_of=AS_OF)
    browser = as_user(mara)
    assert "Of the orders with Bread, 100% also have Butter" in browser.get(PAGE).text
    assert (
        "customers who viewed Bread, 100% bought Butter within 30 days"
        in browser.get(PAGE, {"kind": "viewed"}).text
    )
    assert "Soap" not in browser.get(PAGE, {"kind": "products"}).text
    assert browser.get(PAGE, {"kind": "nonsense"}).context["kind"] == "categories"


def test_who_may_not_see_it(client, as_user, db):
    assert client.get(PAGE).status_code == 302
    stranger = User.objects.create(username="stranger", is_staff=True)
    assert as_user(stranger).get(PAGE).status_code == 403
