from __future__ import annotations

from dataclasses import replace

from django.urls import reverse

from backoffice.models import JobRun
from segments.actions.refresh import refresh_segments
from segments.models import Method, SegmentRun
from tests.planted import TODAY


def test_the_stability_page_and_a_chosen_number(planted, mara, ines, as_user):
    browser = as_user(mara)
    assert "No groups yet" in browser.get(reverse("segments:stability")).text
    refresh_segments(as_of=TODAY)
    text = browser.get(reverse("segments:stability")).text
    assert "nothing drifted" in text
    assert "How many groups" in text
    assert browser.post(reverse("segments:choose-number"), {"k": "11"}).status_code == 422
    browser.post(reverse("segments:choose-number"), {"k": "4"})
    assert SegmentRun.objects.published(Method.KMEANS).groups_wanted == 4
    assert JobRun.objects.get(name="segments.refresh").arguments == {"fresh": True}
    assert as_user(ines).post(reverse("segments:choose-number"), {"k": "5"}).status_code == 403
    assert "How many groups" not in as_user(ines).get(reverse("segments:stability")).text


def test_a_shop_in_which_no_number_of_groups_is_stable_is_told_so(planted, mara, as_user):
    refresh_segments(as_of=TODAY)
    run = SegmentRun.objects.published(Method.KMEANS)
    browser = as_user(mara)
    assert "stability at least 0.85" in browser.get(reverse("segments:stability")).text
    chosen = run.number_of_groups
    candidates = tuple(
        replace(row, stability=0.65 if row.k == chosen.k else 0.4, eligible=False)
        for row in chosen.candidates
    )
    run.number_of_groups = replace(chosen, candidates=candidates)
    run.save(update_fields=["number_of_groups"])
    for page in (reverse("segments:stability"), reverse("segments:gallery") + "?method=kmeans"):
        text = browser.get(page).text
        assert f"The most stable was taken: {chosen.k} groups, stability 0.65, the smallest" in text
        assert "stability at least 0.85" not in text
        assert "as many as are stable" not in text
