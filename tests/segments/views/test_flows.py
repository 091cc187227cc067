"""The pages of flows between segments."""

from __future__ import annotations

import csv

import pytest
from django.urls import reverse

from segments.actions.refresh import refresh_segments
from segments.models import Flow
from segments.presenters.flows import flow_url
from shop.models import Customer
from tests.planted import EACH, TODAY


@pytest.fixture
def moved(planted) -> Flow:
    """Two runs, between which somebody lost all orders."""
    refresh_segments(as_of=TODAY)
    Customer.objects.get(pk=planted["lost"][0]).orders.all().delete()
    refresh_segments(as_of=TODAY)
    return Flow.objects.get(origin__slug="lost", destination__slug="no-purchase")


def test_before_two_runs_the_page_names_the_next_step(planted, mara, as_user):
    browser = as_user(mara)
    assert "Find groups first" in browser.get(reverse("segments:flows")).text
    assert "It takes two segments" in browser.get(reverse("segments:compare")).text
    refresh_segments(as_of=TODAY)
    assert "Flows need two runs" in browser.get(reverse("segments:flows")).text
    assert "It takes two segments" not in browser.get(reverse("segments:compare")).text


def test_the_page_of_flows_says_shows_and_lists_who_moved(moved, mara, as_user):
    text = as_user(mara).get(reverse("segments:flows")).text
    assert "1 customer (0.8%) is in another group" in text
    assert flow_url(moved) in text
    assert '"unit": "customers"' in text


def test_every_flow_opens_its_customers_and_exports_them(moved, planted, mara, as_user):
    browser = as_user(mara)
    url = flow_url(moved)
    assert "lost-0" in browser.get(url).text
    rows = list(csv.reader(browser.get(url, {"format": "csv"}).getvalue().decode("utf-8-sig").splitlines()))
    assert rows == [["customer_id"], ["lost-0"]]
    table = browser.get(reverse("segments:flows"), {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert f"Lost,Lost,{EACH - 1}" in table


def test_a_flow_that_nobody_took_is_not_found(moved, mara, as_user):
    backwards = Flow(
        before_id=moved.before_id,
        after_id=moved.after_id,
        origin_id=moved.destination_id,
        destination_id=moved.origin_id,
    )
    assert as_user(mara).get(flow_url(backwards)).status_code == 404


def test_a_segment_shows_who_joined_and_who_left(moved, mara, as_user):
    text = as_user(mara).get(reverse("segments:flows-of", args=[moved.origin_id])).text
    assert "Without a purchase" in text
    assert f"{EACH - 1} stayed" in text
