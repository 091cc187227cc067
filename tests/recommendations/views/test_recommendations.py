from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from recommendations.actions.refresh import refresh_recommendations
from shop.models import Order
from tests.recommendations.conftest import OPENING

OVERVIEW = reverse("recommendations:overview")
AS_OF = OPENING + timedelta(days=200)


def test_before_the_first_run_the_page_names_the_next_step(mara, ines, as_user):
    assert "Import orders" in as_user(mara).get(OVERVIEW).text
    Order.objects.create(number="1", placed_at="2026-01-01T00:00Z", currency="GBP")
    assert "Learn recommendations" in as_user(mara).get(OVERVIEW).text
    assert "Learn recommendations" not in as_user(ines).get(OVERVIEW).text


def test_the_page_says_how_good_the_lists_are_and_shows_examples(mara, as_user, two_tastes):
    refresh_recommendations(as_of=AS_OF)
    first = as_user(mara).get(OVERVIEW)
    html = first.content.decode()
    assert "times as many of the products that customers bought next" in html
    assert "because you bought Title of" in html
    assert len(first.context["examples"]) == 6
    other = as_user(mara).get(OVERVIEW, {"turn": "1"}).context["examples"]
    shown = {card["customer"].pk for card in first.context["examples"]}
    assert len(other) == 6
    assert not shown & {card["customer"].pk for card in other}


@pytest.mark.parametrize("turn", ["999999999", "-1", "x", "²"])
def test_any_turn_is_answered(mara, as_user, two_tastes, turn):
    refresh_recommendations(as_of=AS_OF, compare=False)
    assert as_user(mara).get(OVERVIEW, {"turn": turn}).status_code == 200


def test_a_customer_is_found_by_number(mara, as_user, two_tastes):
    refresh_recommendations(as_of=AS_OF, compare=False)
    cards = as_user(mara).get(OVERVIEW, {"q": "C77"}).context["examples"]
    assert [card["customer"].external_id for card in cards] == ["C77"]
    assert not cards[0]["why_popular"]
    assert "No customer matches" in as_user(mara).get(OVERVIEW, {"q": "<b>"}).content.decode()


def test_too_little_to_learn_from_is_explained(mara, as_user, shop):
    anna, ben = shop.customer("A"), shop.customer("B")
    shop.order(anna, shop.product("lamp"), day=1)
    refresh_recommendations(as_of=AS_OF)
    assert "too little to learn tastes from" in as_user(mara).get(OVERVIEW).content.decode()
    panel = as_user(mara).get(reverse("recommendations:customer-panel", args=[anna.pk])).content.decode()
    assert "Title of lamp" not in panel
    assert "this customer does not own yet" in panel
    panel = as_user(mara).get(reverse("recommendations:customer-panel", args=[ben.pk])).content.decode()
    assert "Title of lamp" in panel
    assert "popular products: no purchases or views to learn from" in panel


def test_the_panel_shows_offers_with_reasons(mara, as_user, two_tastes):
    refresh_recommendations(as_of=AS_OF, compare=False)
    panel = (
        as_user(mara)
        .get(reverse("recommendations:customer-panel", args=[two_tastes[0][0].pk]))
        .content.decode()
    )
    assert panel.count("<li>") == 6
    assert "because you bought" in panel
    assert as_user(mara).get(reverse("recommendations:customer-panel", args=[0])).status_code == 404


def test_strangers_are_sent_to_the_login(client, db):
    assert client.get(OVERVIEW).status_code == 302
