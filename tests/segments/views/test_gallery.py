from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.models import JobRun
from profiles.actions.counters import count_everybody
from segments.actions.refresh import refresh_segments
from segments.actions.starter_segments import ensure_starter_segments
from segments.models import Method
from tests.planted import TODAY

GALLERY = "/segments/"


@pytest.fixture
def refreshed(planted) -> None:
    refresh_segments(as_of=TODAY)


def test_an_empty_shop_names_the_next_step(mara, as_user):
    text = as_user(mara).get(GALLERY).text
    assert "No groups yet" in text
    assert reverse("intake:imports") in text


def test_the_gallery_says_what_matters(refreshed, mara, as_user):
    text = as_user(mara).get(GALLERY).text
    assert "Champions are 33% of the customers in the groups and" in text
    for name in ("Champions", "Lost", "New customers"):
        assert name in text


def test_one_gallery_over_all_methods(refreshed, mara, as_user):
    count_everybody()
    made = ensure_starter_segments()
    response = as_user(mara).get(GALLERY)
    assert {one.segment.method for one in response.context["summaries"]} == {
        Method.KMEANS,
        Method.RFM,
        Method.RULE,
    }
    only = as_user(mara).get(GALLERY, {"method": "rule"})
    ((_label, shown),) = only.context["sections"]
    assert {one.segment for one in shown} == set(made)
    assert "Money spent" in next(one.sentence for one in shown if one.segment.slug == "high-value")


def test_the_trend_compares_with_the_run_before(refreshed, mara, as_user):
    assert "<dt>trend</dt>" not in as_user(mara).get(GALLERY).text  # one run shows no trend
    refresh_segments(as_of=TODAY)
    shown = as_user(mara).get(GALLERY)
    assert "<dt>trend</dt>" in shown.text
    summary = shown.context["summaries"][0]
    assert (summary.change, len(summary.sizes)) == (0.0, 2)


def test_the_gallery_in_chinese(refreshed, mara, as_user):
    browser = as_user(mara)
    browser.cookies["django_language"] = "zh-hans"
    assert "Champions" not in browser.get(GALLERY).text


def test_the_gallery_opens_on_one_system_and_labels_tell_methods_apart(refreshed, mara, as_user):
    browser = as_user(mara)
    assert {
        summary.segment.method
        for _title, shown in browser.get(GALLERY).context["sections"]
        for summary in shown
    } == {"kmeans"}
    every = browser.get(GALLERY, {"method": "all"})
    assert len(every.context["sections"]) > 1
    labels = [summary.segment.label for summary in every.context["summaries"]]
    assert len(set(labels)) == len(labels)
    assert all(f"{label} (" in every.text for label in labels)  # in the choice of two to compare


def test_rfm_has_its_own_picture(refreshed, mara, as_user):
    assert 'data-chart="heat"' in as_user(mara).get(GALLERY, {"method": "rfm"}).text
    assert as_user(mara).get(GALLERY, {"method": "nonsense"}).status_code == 302


def test_find_anew_starts_a_job(refreshed, mara, ines, as_user):
    as_user(mara).post(reverse("segments:find-anew"))
    assert JobRun.objects.get().arguments == {"fresh": True}
    assert as_user(ines).post(reverse("segments:find-anew")).status_code == 403
