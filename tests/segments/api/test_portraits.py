from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from backoffice.models import ApiKey
from profiles.actions.counters import count_everybody
from segments.actions.portraits import update_portraits
from segments.actions.rules.saving import save_rule
from segments.models import Segment
from shop.models import Product
from tests.planted import EACH, TODAY, buy


@pytest.fixture
def partner(mara, planted) -> Client:
    count_everybody()
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def again(partner, mara) -> Segment:
    return save_rule(tree={"all": [{"field": "frequency", "op": ">=", "value": 2}]}, name="Again", by=mara)


def test_a_portrait_once_it_is_made(partner, again):
    address = f"/api/v1/segments/{again.pk}/portrait/"
    assert partner.get(address).status_code == 404
    coffee = Product.objects.create(
        sku="COFFEE", title="Coffee", currency="GBP"
    )  # they alone buy it; everybody buys tea
    for member in again.members():
        buy(member, coffee, TODAY - timedelta(days=3), Decimal(1))
    update_portraits(as_of=TODAY)  # the orders of the year before
    body = partner.get(address).json()
    assert (body["id"], body["size"], body["currency"]) == (again.pk, 2 * EACH, "GBP")
    (orders,) = [row for row in body["profile"] if row["feature"] == "frequency"]
    assert (orders["mean"], orders["overall"]) == (7.0, 5.0)
    assert orders["difference"] > 0
    (bought,) = body["products"]
    assert (bought["sku"], bought["share"]) == ("COFFEE", 1.0)
    assert (bought["overall"], bought["lift"]) == (pytest.approx(2 / 3), pytest.approx(1.5))
