from __future__ import annotations

import pytest
from django.urls import reverse

from segments.actions.counters import count_everybody
from segments.actions.refresh import refresh_segments
from segments.actions.rules import save_rule
from segments.models import CustomerFeatures, Membership, Method, SegmentRun
from segments.presenters.reasons import decisive_features
from tests.segments.conftest import TODAY


@pytest.fixture
def grouped(planted) -> dict[str, list[int]]:
    refresh_segments(as_of=TODAY)
    count_everybody()
    return planted


def panel(browser, pk: int) -> str:
    return browser.get(reverse("segments:customer-panel", args=[pk])).text


def test_the_customer_page_says_why(grouped, ines, as_user):
    text = panel(as_user(ines), grouped["loyal"][0])
    assert "Champions" in text
    assert "times the average" in text


def test_a_rule_answers_with_the_customers_own_figures(grouped, mara, as_user):
    save_rule(by=mara, name="Reached", tree={"all": [
        {"field": "frequency", "op": ">=", "value": 10},
        {"any": [{"field": "order.count", "op": ">=", "value": 2, "where": {"category": ["Drinks"]}},
                 {"field": "person.country", "op": "=", "value": "Malta"}]},
        {"not": [{"field": "consent.email", "op": "=", "value": True}]},
    ]})
    text = panel(as_user(mara), grouped["loyal"][0])
    assert "Orders is at least 10; here it is 12" in text
    assert "Orders placed (category Drinks) is at least 2; here it is 12" in text
    assert "not: Agreed to email is yes" in text
    assert "Malta" not in text
    assert "Reached" not in panel(as_user(mara), grouped["new"][0])


def test_reasons_decide_between_the_two_nearest_groups(grouped):
    run = SegmentRun.objects.published(Method.KMEANS)
    membership = Membership.objects.get(run=run, customer_id=grouped["loyal"][0])
    stored = CustomerFeatures.objects.get(run=run, customer_id=membership.customer_id)
    own = dict(zip(run.estimator["features"], stored.values, strict=True))
    position = run.snapshots.get(segment=membership.segment).position
    keys = decisive_features(run, own, position)
    assert 1 <= len(keys) <= 3
    assert set(keys) <= {"frequency", "monetary", "average_order_value", "tenure", "recency"}
