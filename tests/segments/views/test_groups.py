from __future__ import annotations

import csv

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry, JobRun
from segments.actions.refresh import refresh_segments
from segments.explaining import decisive_features
from segments.models import CustomerFeatures, Membership, Method, Segment, SegmentRun
from tests.segments.conftest import EACH, TODAY


@pytest.fixture
def champions(planted) -> Segment:
    refresh_segments(as_of=TODAY)
    return Segment.objects.get(method=Method.KMEANS, slug="champions")


def test_an_empty_shop_names_the_next_step(mara, as_user):
    response = as_user(mara).get(reverse("segments:gallery"))
    assert "No groups yet" in response.text
    assert reverse("shop:imports") in response.text


def test_the_gallery_says_what_matters(champions, mara, as_user):
    text = as_user(mara).get(reverse("segments:gallery")).text
    assert "Champions are 33% of customers and" in text
    for name in ("Champions", "Lost", "New customers"):
        assert name in text


def test_the_gallery_in_chinese(champions, mara, as_user):
    browser = as_user(mara)
    browser.cookies["django_language"] = "zh-hans"
    text = browser.get(reverse("segments:gallery")).text
    assert "Champions" not in text


def test_rfm_has_its_own_picture(champions, mara, as_user):
    assert 'data-chart="heat"' in as_user(mara).get(reverse("segments:gallery"), {"method": "rfm"}).text
    assert as_user(mara).get(reverse("segments:gallery"), {"method": "nonsense"}).status_code == 302


def test_the_number_opens_the_list_behind_it(champions, mara, as_user):
    response = as_user(mara).get(reverse("segments:detail", args=[champions.pk]))
    assert response.context["members"].paginator.count == response.context["snapshot"].size == EACH
    found = as_user(mara).get(reverse("segments:detail", args=[champions.pk]), {"q": "loyal-7"})
    assert [member.external_id for member in found.context["members"]] == ["loyal-7"]


def test_export_equals_the_page_and_is_audited(champions, mara, as_user):
    response = as_user(mara).get(reverse("segments:export", args=[champions.pk]))
    rows = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))
    assert rows[0] == ["customer_id"]
    assert len(rows) - 1 == EACH
    assert AuditEntry.about(champions).get().verb == "segment.export"


def test_an_analyst_may_look_not_touch(champions, ines, as_user):
    browser = as_user(ines)
    assert browser.get(reverse("segments:detail", args=[champions.pk])).status_code == 200
    assert browser.post(reverse("segments:rename", args=[champions.pk]), {"name": "x"}).status_code == 403
    assert browser.post(reverse("segments:find-anew")).status_code == 403


def test_find_anew_starts_a_job(champions, mara, as_user):
    as_user(mara).post(reverse("segments:find-anew"))
    assert JobRun.objects.get().arguments == {"fresh": True}


def test_the_customer_page_says_why(champions, planted, mara, as_user):
    text = as_user(mara).get(reverse("segments:customer-panel", args=[planted["loyal"][0]])).text
    assert "Champions" in text
    assert "times the average" in text


def test_reasons_decide_between_the_two_nearest_groups(champions, planted):
    run = SegmentRun.objects.published(Method.KMEANS)
    membership = Membership.objects.get(run=run, customer_id=planted["loyal"][0])
    stored = CustomerFeatures.objects.get(run=run, customer_id=membership.customer_id)
    own = dict(zip(run.estimator["features"], stored.values, strict=True))
    position = run.snapshots.get(segment=membership.segment).position
    keys = decisive_features(run, own, position)
    assert 1 <= len(keys) <= 3
    assert set(keys) <= {"frequency", "monetary", "average_order_value", "tenure", "recency"}
