"""Pages of placements."""

from __future__ import annotations

import pytest

from ads.models import Placement

pytestmark = pytest.mark.django_db


FORM = {
    "platform": "Social",
    "name": "Feed",
    "pricing": "cpm",
    "price": "6.20",
    "currency": "gbp",
    "click_rate": "1",
    "conversion_rate": "5",
    "conversion_value": "30",
    "min_spend": "0",
    "max_spend": "",
}


def test_readers_see_figures_and_no_form(ines, as_user, three_ads):
    reader, address = as_user(ines), f"/ads/placements/{three_ads[0].pk}/"
    assert reader.get("/ads/placements/add/").status_code == 403
    assert reader.post(address, {}).status_code == 403
    shown = reader.get(address).content.decode()
    assert "Value of a conversion" in shown
    assert 'name="price"' not in shown
    assert "Add a placement" not in reader.get("/ads/budget-plan/").content.decode()


def test_adding_a_placement(mara, as_user):
    browser = as_user(mara)
    assert browser.post("/ads/placements/add/", FORM).status_code == 302
    added = Placement.objects.get()
    assert (added.currency, added.click_rate, added.by_hand) == ("GBP", 0.01, True)
    assert added.cost_per_conversion == pytest.approx(12.4)
    listed = browser.get("/ads/placements/").content.decode()
    assert "£12.40" in listed
    assert "2.42" in listed


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"click_rate": ""}, "click_rate"),
        ({"conversion_rate": "120"}, "conversion_rate"),
        ({"price": "0"}, "price"),
        ({"min_spend": "50", "max_spend": "40"}, "max_spend"),
        ({"currency": "pounds"}, "currency"),
    ],
)
def test_placement_errors_stand_beside_the_field(mara, as_user, wrong, field):
    answer = as_user(mara).post("/ads/placements/add/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Placement.objects.exists()


def test_consequence_while_typing(mara, as_user):
    text = as_user(mara).get("/ads/placements/consequence/", FORM).content.decode()
    assert "A conversion costs about £12.40 and is worth £30.00: a ROAS of 2.42." in text
    text = (
        as_user(mara).get("/ads/placements/consequence/", {**FORM, "conversion_value": "5"}).content.decode()
    )
    assert "a loss" in text


def test_archive_and_bring_back(mara, ines, as_user, three_ads):
    address = f"/ads/placements/{three_ads[0].pk}/archive/"
    assert as_user(ines).post(address).status_code == 403
    as_user(mara).post(address)
    assert not Placement.objects.get(pk=three_ads[0].pk).active
    as_user(mara).post(address)
    assert Placement.objects.get(pk=three_ads[0].pk).active
