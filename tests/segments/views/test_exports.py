from __future__ import annotations

import csv
from hashlib import sha256

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse

from backoffice.models import AuditEntry
from profiles.actions.counters import count_everybody
from segments.actions.rules.saving import save_rule
from segments.models import Segment
from shop.models import Channel, Consent, Customer, Purpose
from tests.planted import EACH

EVERYBODY = {"all": [{"field": "frequency", "op": ">=", "value": 1}]}


@pytest.fixture
def everybody(planted, mara) -> Segment:
    count_everybody()
    return save_rule(tree=EVERYBODY, name="Everybody", by=mara)


def export(browser, segment, **what):
    response = browser.get(reverse("segments:export", args=[segment.pk]), what)
    return list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))


def agree_to_ads(ids: list[int]) -> None:
    Consent.objects.bulk_create(
        Consent(customer_id=pk, channel=Channel.ADS, purpose=Purpose.MARKETING, granted=True, source="form")
        for pk in ids
    )


def test_numbers_equal_the_page_and_are_audited(everybody, ines, as_user):
    rows = export(as_user(ines), everybody)
    assert rows[0] == ["customer_id"]
    assert len(rows) - 1 == everybody.members().count() == 3 * EACH
    assert AuditEntry.about(everybody)[0].details["customers"] == 3 * EACH


def test_names_need_the_right_and_are_harmless_in_a_spreadsheet(everybody, planted, mara, ines, as_user):
    Customer.objects.filter(pk=planted["new"][0]).update(first_name="=cmd()")
    rows = export(as_user(mara), everybody, content="contacts")
    assert rows[0] == ["customer_id", "email", "phone", "first_name", "last_name", "country"]
    assert "'=cmd()" in {row[3] for row in rows}
    refused = as_user(ines).get(reverse("segments:export", args=[everybody.pk]), {"content": "contacts"})
    assert refused.status_code == 403


def test_a_small_group_gives_away_who_is_in_it(everybody, planted, mara, as_user):
    few = save_rule(
        tree={"all": [{"field": "person.country", "op": "=", "value": "Malta"}]}, name="Malta", by=mara
    )
    address = reverse("segments:export", args=[few.pk])
    assert (
        "needs at least 10 people and there are 0" in as_user(mara).get(address, {"content": "contacts"}).text
    )


def test_ad_audiences_hold_hashes_of_those_who_agreed(everybody, planted, mara, as_user):
    address = reverse("segments:export", args=[everybody.pk])
    people = planted["loyal"] + planted["lost"] + planted["new"]
    Customer.objects.filter(pk__in=people).update(email=Concat("external_id", Value("@Example.com")))
    twin = Customer.objects.get(pk=people[1])
    Customer.objects.filter(pk=people[0]).update(email=twin.email.lower())  # one person, one row
    assert (
        "needs at least 100 people; 0 of this segment have agreed"
        in as_user(mara).get(address, {"content": "google"}).text
    )
    agree_to_ads(planted["loyal"] + planted["lost"] + planted["new"][:25])
    rows = export(as_user(mara), everybody, content="meta")
    assert rows[0] == ["email"]
    emails = Customer.objects.filter(pk__in=people[1:105]).values_list("email", flat=True)
    assert sorted(rows[1:]) == sorted([sha256(email.lower().encode()).hexdigest()] for email in emails)
