"""Where a shop's facts come from."""

from __future__ import annotations

import io
from typing import Any

import pytest

from intake.actions.imports import take_file
from shop.actions.demo.origin import began_as_demo, is_demo_shop, shop_in_use
from shop.actions.demo.removal import remove_demo
from shop.actions.demo.seeding import seed_demo
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_an_empty_shop_a_demo_and_an_empty_shop_again() -> None:
    assert not shop_in_use()
    seed_demo(customers=20)
    assert shop_in_use()
    assert began_as_demo()
    assert is_demo_shop()
    remove_demo()
    assert not shop_in_use()
    assert not began_as_demo()


def test_an_uploaded_file_puts_the_shop_in_use(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    seed_demo(customers=20)
    take_file(
        file=io.BytesIO(b"customer,email\n1,a@example.com\n"), filename="c.csv", by=None, format="customers"
    )
    assert not began_as_demo()


def test_one_order_of_ones_own_makes_it_no_demo() -> None:
    seed_demo(customers=20)
    OrderFactory(number="W-1", customer=None)
    assert began_as_demo()
    assert not is_demo_shop()
