"""What currency a shop's totals are in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shop.currency import currency_of_new_amounts, shop_currency
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def order(currency, *, days):
    return OrderFactory(currency=currency, placed_at=NOW - timedelta(days=days))


def test_an_empty_shop_has_no_currency():
    assert (shop_currency(), currency_of_new_amounts()) == ("", "")


def test_totals_are_in_the_currency_that_most_orders_use():
    for days in (9, 8):
        order("GBP", days=days)
    order("EUR", days=1)
    assert shop_currency() == "GBP"
    assert currency_of_new_amounts() == "EUR", "what arrives now is like what arrived last"


def test_orders_of_the_future_do_not_count():
    order("GBP", days=9)
    for days in (3, 2):
        order("EUR", days=days)
    assert shop_currency(NOW) == "EUR"
    assert shop_currency(NOW - timedelta(days=5)) == "GBP"


def test_the_setting_decides_everywhere(settings):
    order("GBP", days=1)
    settings.SHOP_CURRENCY = "CHF"
    assert (shop_currency(), shop_currency(NOW), currency_of_new_amounts()) == ("CHF", "CHF", "CHF")
