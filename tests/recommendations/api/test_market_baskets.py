from __future__ import annotations

from datetime import timedelta

from backoffice.models import User
from recommendations.actions.market_baskets import find_market_baskets
from tests.recommendations.conftest import OPENING

RULES = "/api/v1/market-baskets/"


def test_rules_of_one_kind(bread_and_butter, ines, as_user):
    find_market_baskets(as_of=OPENING + timedelta(days=100))
    rules = as_user(ines).get(RULES, {"kind": "products"}).json()["results"]
    assert [rule["rank"] for rule in rules] == [1, 2]
    assert {rule["kind"] for rule in rules} == {"products"}
    assert rules[0]["sentence"].startswith("Of the orders with Title of ")
    assert rules[0]["lift"] == 2.0


def test_missing_rights(client, as_user, db):
    assert client.get(RULES).status_code in {401, 403}
    assert as_user(User.objects.create(username="stranger")).get(RULES).status_code == 403
