from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.models import JobRun
from segments.actions.proposals import choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.rules.saving import save_rule
from segments.datasets.memberships import successors
from segments.models import Flow, Method, Proposal, Segment, SegmentRun
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
    assert reverse("segments:flow", args=[moved.pk]) in text
    assert '"unit": "customers"' in text


def test_every_flow_opens_its_customers_and_exports_them(moved, planted, mara, as_user):
    browser = as_user(mara)
    url = reverse("segments:flow", args=[moved.pk])
    assert "lost-0" in browser.get(url).text
    rows = list(csv.reader(browser.get(url, {"format": "csv"}).getvalue().decode("utf-8-sig").splitlines()))
    assert rows == [["customer_id"], ["lost-0"]]
    table = browser.get(reverse("segments:flows"), {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert f"Lost,Lost,{EACH - 1}" in table


def test_a_segment_shows_who_came_and_went(moved, mara, as_user):
    text = as_user(mara).get(reverse("segments:flows-of", args=[moved.origin_id])).text
    assert "Without a purchase" in text
    assert f"{EACH - 1} stayed" in text


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


def test_a_proposal_is_compared_then_accepted_or_dismissed(planted, mara, as_user):
    Customer.objects.create(external_id="idle", created_at=TODAY - timedelta(days=9))
    refresh_segments(as_of=TODAY)
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    first = Proposal.objects.pending().get()
    browser = as_user(mara)
    text = browser.get(reverse("segments:proposal", args=[first.pk])).text
    assert "These 2 groups are" in text  # as was asked: who never bought is beside them
    assert "wider than those in force" in text
    assert "ends" in text
    assert "are proposed: compare and decide" in browser.get("/").text
    browser.post(reverse("segments:proposal-dismiss", args=[first.pk]))
    assert SegmentRun.objects.published(Method.KMEANS) == first.against
    refresh_segments(as_of=TODAY, fresh=True)
    second = Proposal.objects.pending().get()
    ended = Segment.objects.filter(snapshots__run=second.against).exclude(snapshots__run=second.run).first()
    newborn = (
        Segment.objects.filter(snapshots__run=second.run).exclude(snapshots__run=second.against).first()
        or ended
    )
    Segment.objects.filter(pk__in=[ended.pk, newborn.pk]).update(custom_name="Regulars")
    assert "refer to a group that would end" not in text
    save_rule(tree={"field": "segment", "op": "in", "value": [ended.pk]}, name="Of the old ones", by=mara)
    text = browser.get(reverse("segments:proposal", args=[second.pk])).text
    assert "Of the old ones</a></p>" in text
    assert ("the former “Regulars”" in text) == (newborn != ended)
    browser.post(reverse("segments:proposal-accept", args=[second.pk]))
    assert SegmentRun.objects.published(Method.KMEANS) == second.run
    text = browser.get(reverse("segments:detail", args=[ended.pk])).text
    assert "Its customers moved to:" in text
    assert all(f">{flow.destination.name}</a> ({flow.customers})" in text for flow in successors(ended.pk))
    assert (
        sum(flow.customers for flow in successors(ended.pk))
        == second.against.snapshots.get(segment=ended).size
    )
    assert browser.post(reverse("segments:proposal-accept", args=[first.pk])).status_code == 422
