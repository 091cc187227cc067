"""What an approval covers."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.actions import terms
from campaigns.actions.terms import PARTS, Terms, changed_since, terms_now, words
from shop.models import Product
from tests.campaigns.conftest import make_customers, make_segment

PRINTS = {part: part for part in PARTS if part != "people"}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        (3, 4, True),
        (19, 20, True),
        (20, 21, False),
        (20, 22, True),
        (1000, 1050, False),
        (1000, 1051, True),
        (9, 1, False),
    ],
)
def test_a_few_more_people_need_no_new_look(before: int, now: int, changed: bool) -> None:
    assert Terms(PRINTS, before, []).changed(Terms(PRINTS, now, [])) == (["people"] if changed else [])


@pytest.mark.parametrize("token", ["", "1", "a.b.c.d.e.x", "a.b.c.d.e.-1", "9" * 5000, "a.b.c.d.5"])
def test_what_no_page_carries_is_no_token(token: str) -> None:
    assert Terms.of_token(token) is None


def test_a_token_names_each_part(make_campaign: Any) -> None:
    now = terms_now(make_campaign(make_segment(make_customers(2))))
    read = Terms.of_token(now.token)
    assert read is not None
    assert read.changed(now) == []
    assert (read.people, words(["message", "people"])) == (2, "the text of the message, the number of people")


@pytest.mark.parametrize("change", [{"title": "B"}, {"price": 2}, {"url": "https://b.example"}])
def test_a_product_that_is_shown_is_covered(make_campaign: Any, monkeypatch: Any, change: Any) -> None:
    product = Product.objects.create(sku="A", title="A", price=1, currency="GBP")
    monkeypatch.setattr(terms, "_shown_products", lambda campaign: [product.pk])
    campaign = make_campaign(make_segment(make_customers(1)))
    campaign.terms = terms_now(campaign).stored
    assert changed_since(campaign) == []
    Product.objects.filter(pk=product.pk).update(**change)
    assert changed_since(campaign) == ["products"]
