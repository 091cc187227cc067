"""Emptying a demo shop, and no other."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shop.models import Consent, Customer, Event, Order, Product
from tests.factories import CustomerFactory, MembershipFactory

pytestmark = pytest.mark.django_db


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def test_real_data_are_never_touched() -> None:
    CustomerFactory(external_id="12346")
    for options in ([], ["--reset", "--yes"], ["--remove", "--yes"]):
        with pytest.raises(CommandError, match="data"):
            seed(*options)
    assert Customer.objects.count() == 1
    Customer.objects.all().delete()
    seed("--customers", "20")
    CustomerFactory(external_id="12346")
    with pytest.raises(CommandError, match="not from the demo"):
        seed("--remove", "--yes")
    assert Customer.objects.count() == 21


def test_removing_leaves_an_empty_shop() -> None:
    seed("--customers", "20")
    MembershipFactory(customer=Customer.objects.first())
    assert "gone" in seed("--remove", "--yes")
    for model in (Customer, Product, Order, Event, Consent, MembershipFactory._meta.model):
        assert not model.objects.exists()
