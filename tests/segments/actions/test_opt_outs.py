"""Who says no to personalisation is in no group, figure or prediction; a later yes brings them back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from predictions.models import Prediction
from profiles.models import CustomerCounters
from segments.actions.refresh import refresh_segments
from segments.actions.rules.catch_up import catch_up, recount
from segments.actions.rules.saving import save_rule
from segments.models import FeatureSnapshot, Membership, SegmentSnapshot
from shop.actions.consents import record_consent
from shop.actions.personal_data import erase_customer
from shop.models import Customer
from tests.factories import CustomerFactory, PredictionFactory
from tests.planted import TODAY, buy

pytestmark = pytest.mark.django_db
EVERYBODY = {"field": "frequency", "op": ">=", "value": 0}


def say(customer, granted, by):
    record_consent(
        by=by, customer=customer, channel="email", granted=granted, purpose="profiling", note="by phone"
    )


def sizes_are_true():
    return all(
        snapshot.size == Membership.objects.filter(run=snapshot.run, segment=snapshot.segment).count()
        for snapshot in SegmentSnapshot.objects.in_force()
    )


def test_a_no_takes_somebody_out_of_everything_within_seconds(planted, ada):
    recount()
    rule = save_rule(tree=EVERYBODY, name="Everybody", by=ada)
    refresh_segments()
    person = Customer.objects.get(external_id="loyal-3")
    PredictionFactory(customer=person)
    others = Membership.objects.exclude(customer=person).count()
    say(person, granted=False, by=ada)
    catch_up()
    for derived in (Membership, FeatureSnapshot, Prediction, CustomerCounters):
        assert not derived.objects.filter(customer=person).exists(), derived
    assert not rule.members().filter(pk=person.pk).exists()
    assert Membership.objects.count() == others
    assert sizes_are_true()


def test_the_next_run_leaves_them_out_and_says_how_many(planted, ada):
    say(Customer.objects.get(external_id="loyal-3"), granted=False, by=ada)
    runs = refresh_segments()
    assert not Membership.objects.filter(customer__external_id="loyal-3").exists()
    assert [run.quality.unprofiled for run in runs] == [1, 1]


def test_a_later_yes_brings_them_back(planted, ada):
    recount()
    rule = save_rule(tree=EVERYBODY, name="Everybody", by=ada)
    person = Customer.objects.get(external_id="loyal-3")
    say(person, granted=False, by=ada)
    catch_up()
    say(person, granted=True, by=ada)
    catch_up()
    assert rule.members().filter(pk=person.pk).exists()


def test_a_no_counts_for_every_record_of_the_person(planted, tea, ada):
    first = Customer.objects.get(external_id="loyal-3")
    Customer.objects.filter(pk=first.pk).update(email="One@example.com")
    second = CustomerFactory(external_id="twin", email="one@example.com")
    buy(second, tea, TODAY, Decimal(5))
    recount()
    refresh_segments()
    assert Membership.objects.filter(customer=first).exists()
    say(second, granted=False, by=ada)
    catch_up()
    assert not Membership.objects.filter(customer__in=[first, second]).exists()
    assert not CustomerCounters.objects.filter(customer__in=[first, second]).exists()


def test_marketing_is_another_question(planted, ada):
    recount()
    refresh_segments()
    person = Customer.objects.get(external_id="loyal-3")
    record_consent(
        by=ada, customer=person, channel="email", granted=False, purpose="marketing", note="by phone"
    )
    catch_up()
    assert Membership.objects.filter(customer=person).exists()


def test_sizes_follow_an_erasure(planted, ada):
    recount()
    refresh_segments()
    erase_customer(by=ada, customer=Customer.objects.get(external_id="loyal-3"))
    catch_up()
    assert sizes_are_true()
