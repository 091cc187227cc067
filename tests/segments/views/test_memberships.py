from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from profiles.actions.counters import count_everybody
from profiles.presenters.features import against_average, own_against_average
from segments.actions.groupings import group_customers, plan_grouping
from segments.actions.refresh import refresh_segments
from segments.actions.rules.saving import save_rule
from segments.models import FeatureSnapshot, Membership, Method, Segment, SegmentRun
from segments.presenters.decisive_features import decisive_features
from segments.presenters.memberships import memberships_by_method
from shop.models import Customer
from tests.planted import TODAY, buy


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
    save_rule(
        by=mara,
        name="Reached",
        tree={
            "all": [
                {"field": "frequency", "op": ">=", "value": 10},
                {
                    "any": [
                        {"field": "order.count", "op": ">=", "value": 2, "where": {"category": ["Drinks"]}},
                        {"field": "person.country", "op": "=", "value": "Malta"},
                    ]
                },
                {"not": [{"field": "consent.email", "op": "=", "value": True}]},
            ]
        },
    )
    text = panel(as_user(mara), grouped["loyal"][0])
    assert "Orders is at least 10; here it is 12" in text
    assert "Orders placed (category Drinks) is at least 2; here it is 12" in text
    assert "Agreed to email is no" in text
    assert "Malta" not in text
    assert "Reached" not in panel(as_user(mara), grouped["new"][0])


def test_the_next_best_group_is_named_and_what_decided_against_it(grouped):
    told = [reason for place in memberships_by_method(grouped["loyal"][0]) for reason in place.reasons]
    (decided,) = [one for one in told if "the next best group, for:" in one]
    assert "Champions" not in decided
    assert re.search(r"for: [A-Z].* \(there [^)]+\)\.$", decided)
    run = SegmentRun.objects.published(Method.KMEANS)
    own = Membership.objects.get(run=run, customer=grouped["loyal"][0]).segment
    run.snapshots.exclude(segment=own).delete()  # the others wait for customers
    told = [reason for place in memberships_by_method(grouped["loyal"][0]) for reason in place.reasons]
    assert told
    assert not any("the next best group" in one for one in told)


def test_rfm_tells_its_scores_and_their_bounds(grouped, ines, as_user):
    latest = next(
        pk
        for pk in grouped["loyal"]
        for one in _told(pk)
        if one.startswith("Days since last order: 5.0 days")
    )
    recency, orders, money, made = _told(latest)
    assert recency == "Days since last order: 5.0 days on 1 Jun 2026, score 5 of 5 (under 6.0 days)"
    assert orders == "Orders: 12, score 4 of 5 (3 to 12)"  # the most there are; a third of all have as many
    (score,) = re.findall(r"^Money spent: £[\d,]+, score ([45]) of 5 \(over £.*\)$", money)
    assert (
        made
        == {
            "4": "Recency 5 with orders and money 4 is “Loyal regulars”.",
            "5": "Recency 5 with orders and money 5 is “Champions”.",
        }[score]
    )
    text = (
        as_user(ines)
        .get(reverse("segments:detail", args=[Segment.objects.get(method=Method.RFM, slug="champions").pk]))
        .text
    )
    assert re.search(r'class="mine"[^>]*><strong>Champions</strong>', text)
    assert "under 6.0 days" in text


def test_scores_of_customers_who_are_all_alike(tea, ines, as_user):
    for i in range(30):
        buy(
            Customer.objects.create(external_id=f"c{i}", created_at=TODAY),
            tea,
            TODAY - timedelta(days=5 + i),
            Decimal(9),
        )
    refresh_segments(as_of=TODAY)
    _recency, orders, money, made = _told(Customer.objects.first().pk)
    assert orders == "Orders: 1, score 1 of 5 (at most 1)"
    assert money == "Money spent: £9, score 1 of 5 (up to £9)"
    assert made.endswith("is “New customers”.")
    for segment in Segment.objects.filter(method=Method.RFM, snapshots__isnull=False):
        assert as_user(ines).get(reverse("segments:detail", args=[segment.pk])).status_code == 200


def _told(customer: int) -> list[str]:
    (place,) = [one for one in memberships_by_method(customer) if one.segment.method == Method.RFM]
    return place.reasons


def test_reasons_are_where_customer_and_group_are_far_from_the_average(grouped):
    run = SegmentRun.objects.published(Method.KMEANS)
    membership = Membership.objects.get(run=run, customer_id=grouped["loyal"][0])
    stored = FeatureSnapshot.objects.get(run=run, customer_id=membership.customer_id)
    own = dict(zip(run.estimator.features, stored.values, strict=True))
    position = run.snapshots.get(segment=membership.segment).position
    keys = decisive_features(run, own, position)
    assert 1 <= len(keys) <= 3
    assert set(keys) <= {"frequency", "monetary", "average_order_value", "tenure", "recency"}


def test_what_is_not_recorded_of_a_customer_is_not_quoted(planted, mara, as_user):
    for i, pk in enumerate(planted["loyal"]):
        Customer.objects.filter(pk=pk).update(attributes={"age": 30 + i})
    unknown, median = planted["loyal"][0], planted["loyal"][1]
    Customer.objects.filter(pk=unknown).update(attributes={})
    Customer.objects.filter(pk=median).update(attributes={"age": 51})
    refresh_segments(as_of=TODAY)
    assert SegmentRun.objects.published(Method.KMEANS).quality.gaps["age"].filled_with == 51
    plan = plan_grouping(title="Who", method="mixture", features=["age", "income"], groups=2, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    assert "Age: 51" in panel(as_user(mara), median)
    text = panel(as_user(mara), unknown)
    assert "Age: not known, counted as the average" in text
    assert "Age: 51" not in text


def test_a_figure_says_of_which_day_it_is_and_against_whom(planted, mara, as_user):
    Customer.objects.bulk_create(
        [Customer(external_id=f"idle-{i}", created_at=TODAY - timedelta(days=9)) for i in range(60)]
    )
    for i, pk in enumerate(planted["loyal"]):
        Customer.objects.filter(pk=pk).update(attributes={"gender": "female" if i % 2 else "male"})
    refresh_segments(as_of=TODAY)
    plan = plan_grouping(title="Who", method="mixture", features=["female", "recency"], groups=2, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    text = panel(as_user(mara), planted["lost"][0])
    days = set(re.findall(r"Days since last order: 30\d days on 1 Jun 2026", text))
    assert len(days) == 1
    averages = set(re.findall(r"Days since last order: [^<]*average buyer(?:: |&#x27;s )(\d+) days", text))
    assert (
        len(averages) == 1
    )  # k-means, RFM and the grouping say the same, and nobody without an order is in it
    assert int(averages.pop()) > 90
    assert "facts until 1 Jun 2026" in text
    told = [reason for place in memberships_by_method(planted["loyal"][1]) for reason in place.reasons]
    assert not any("Women: 100%" in reason for reason in told)


def test_yes_and_no_are_said_of_one_customer_in_words():
    with translation.override("en"):
        assert (
            own_against_average("female", 1.0, 0.54, "GBP", as_of=TODAY)
            == "A woman, like 54% of the customers"
        )
        assert (
            own_against_average("female", 0.0, 0.54, "GBP", as_of=TODAY, buyers=True)
            == "A man, like 46% of the buyers"
        )
        assert against_average("female", 1.0, 0.54, "GBP") == "Women: 100% (all customers: 54%)"
