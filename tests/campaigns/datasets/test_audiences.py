"""A segment by rule: what the page counts, what the export lists and who gets the campaign are the same
people."""

from __future__ import annotations

import pytest

from campaigns.actions.sending import begin_due_campaigns
from campaigns.datasets.audiences import audience, lacking, recipients
from delivery.models import Delivery
from segments.actions.rules.catch_up import catch_up, recount
from segments.actions.rules.saving import save_rule
from shop.models import Customer, CustomerTouched
from tests.campaigns.conftest import make_customers, make_segment, say

pytestmark = pytest.mark.django_db
ASKED = {"field": "consent.email", "op": "=", "value": True}


@pytest.fixture
def agreeing(mara):
    """Six of ten agreed to mail."""
    customers = make_customers(6) + make_customers(4, prefix="silent", consent=False)
    recount()
    return save_rule(tree=ASKED, name="Agreed", by=mara), customers


def reached(campaign):
    return set(Delivery.objects.of(campaign.source).values_list("customer__external_id", flat=True))


def test_page_export_and_audience_agree(agreeing, approved, as_user, mara):
    segment, _customers = agreeing
    campaign = approved(segment)
    shown = set(segment.members().values_list("external_id", flat=True))
    exported = as_user(mara).get(f"/segments/{segment.pk}/export/").getvalue().decode()
    begin_due_campaigns()
    assert len(shown) == audience(campaign).members == 6
    assert shown == reached(campaign)
    assert {line.strip().split(",")[0] for line in exported.splitlines()[1:]} == shown


def test_what_arrived_after_the_approval_counts_at_the_send(agreeing, approved):
    segment, customers = agreeing
    campaign = approved(segment)
    say(customers[0], False)
    say(customers[9], True)
    CustomerTouched.objects.add([customers[0].pk, customers[9].pk])  # nobody has applied this yet
    assert segment.members().count() == 6
    begin_due_campaigns()
    assert reached(campaign) == {f"c{n}" for n in range(1, 6)} | {"silent3"}
    assert reached(campaign) == set(segment.members().values_list("external_id", flat=True))
    assert catch_up() == 0


@pytest.mark.parametrize(("people", "percent", "held"), [(442, 5, 22), (7, 50, 4), (1, 50, 0), (3, 5, 0)])
def test_the_holdout_is_exact_and_stays(people, percent, held, make_campaign):
    campaign = make_campaign(make_segment(make_customers(people)), holdout_percent=percent)
    first = audience(campaign)
    assert (first.reached, first.held_out) == (people - held, held)
    got = {customer.pk for customer in recipients(campaign, people)}
    assert got == {customer.pk for customer in recipients(campaign, people)}
    assert len(got) == first.reached


def test_who_lacks_a_name_is_counted_among_those_who_get_it(make_campaign):
    customers = make_customers(5) + make_customers(2, prefix="silent", consent=False)
    Customer.objects.filter(external_id__in=["c0", "c1", "silent0"]).update(first_name=" ")
    Customer.objects.update(last_name="Lee")
    campaign = make_campaign(make_segment(customers))
    assert lacking(campaign, ["first_name", "last_name"]) == {"first_name": 2}
    assert lacking(campaign, []) == {}
