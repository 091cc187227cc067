from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry, JobRun
from profiles.actions.counters import count_everybody
from segments.actions.portraits import update_portraits
from segments.actions.refresh import refresh_segments
from segments.actions.rules.saving import save_rule
from segments.models import Method, Segment
from tests.planted import EACH, TODAY

OFTEN = {"all": [{"field": "frequency", "op": ">=", "value": 10}]}


@pytest.fixture
def champions(planted) -> Segment:
    refresh_segments(as_of=TODAY)
    count_everybody()
    return Segment.objects.get(method=Method.KMEANS, slug="champions")


@pytest.fixture
def often(planted, mara) -> Segment:
    count_everybody()
    return save_rule(tree=OFTEN, name="Often here", by=mara)


def detail(segment: Segment) -> str:
    return reverse("segments:detail", args=[segment.pk])


def test_the_number_opens_the_list_behind_it(champions, mara, as_user):
    response = as_user(mara).get(detail(champions))
    assert response.context["members"].paginator.count == response.context["summary"].size == EACH
    found = as_user(mara).get(detail(champions), {"q": "loyal-7"})
    assert [member.external_id for member in found.context["members"]] == ["loyal-7"]


def test_a_segment_says_what_to_do_with_it(champions, mara, as_user):
    text = as_user(mara).get(detail(champions)).text
    assert "Thank the best" in text
    assert f"?segment={champions.pk}&amp;playbook=thank" in text


def test_a_segment_by_rule_shows_its_rule_as_a_sentence(often, mara, as_user):
    response = as_user(mara).get(detail(often))
    assert "Orders is at least 10" in response.text
    assert response.context["summary"].size == response.context["members"].paginator.count == EACH
    assert reverse("segments:rule-edit", args=[often.pk]) in response.text


def test_the_portrait_adds_profile_products_and_map(often, mara, as_user):
    page = as_user(mara).get(detail(often))
    assert page.context["products"] == []
    assert "Update them now" in page.text
    update_portraits(as_of=TODAY + timedelta(days=120))  # who is lost has bought nothing for a year
    page = as_user(mara).get(detail(often))
    assert [row.product.title for row in page.context["products"]] == ["Tea"]
    assert any(reason.startswith("Orders: 12,") for reason in page.context["reasons"])
    assert not any(
        reason.startswith("Items per order") for reason in page.context["reasons"]
    )  # everybody buys one
    assert len(page.context["map_chart"]["series"]) == 2


def test_drawing_a_portrait_is_a_job(often, mara, ines, as_user):
    as_user(mara).post(reverse("segments:portrait", args=[often.pk]))
    assert JobRun.objects.get(name="segments.portraits").arguments == {"segments": [often.pk]}
    assert as_user(ines).post(reverse("segments:portrait", args=[often.pk])).status_code == 403


def test_archived_and_brought_back(often, mara, as_user):
    browser = as_user(mara)
    browser.post(reverse("segments:archive", args=[often.pk]))
    text = browser.get(detail(often)).text
    assert "Archived on" in text
    assert often.name not in browser.get(reverse("segments:gallery")).text
    browser.post(reverse("segments:rule-restore", args=[often.pk]))
    assert browser.get(detail(often)).context["summary"].size == EACH
    assert [entry.verb for entry in AuditEntry.about(often)][:2] == ["segment.restore", "segment.archive"]


def test_an_analyst_may_look_not_touch(champions, ines, as_user):
    browser = as_user(ines)
    assert browser.get(detail(champions)).status_code == 200
    assert browser.post(reverse("segments:rename", args=[champions.pk]), {"name": "x"}).status_code == 403
    assert browser.post(reverse("segments:archive", args=[champions.pk])).status_code == 403


def test_renaming_is_in_the_history(champions, mara, as_user):
    browser = as_user(mara)
    browser.post(reverse("segments:rename", args=[champions.pk]), {"name": "Our best"})
    text = browser.get(detail(champions)).text
    assert "Our best" in text
    assert "Champions → Our best" in text
