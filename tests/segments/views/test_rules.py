"""The builder as requests, and as somebody clicks it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from backoffice.models import JobRun
from profiles.actions.counters import count_everybody
from segments.actions.rules.saving import save_rule
from segments.models import Rule, Segment
from tests.planted import EACH

NEW, PREVIEW = "/segments/rules/new/", "/segments/rules/preview/"


def orders(op: str, value: float) -> dict:
    return {"all": [{"field": "frequency", "op": op, "value": value}]}


@pytest.fixture
def counted(planted) -> dict[str, list[int]]:
    count_everybody()
    return planted


@pytest.fixture
def often(counted, mara) -> Segment:
    return save_rule(tree=orders(">=", 10), name="Often here", by=mara)


def test_the_preview_counts_and_shows_a_few(counted, mara, as_user):
    answer = as_user(mara).post(PREVIEW, {"tree": json.dumps(orders(">=", 2))})
    assert ">80<" in answer.json()["html"]
    assert "Orders is at least 2" in answer.json()["html"]
    assert "loyal-0" in answer.json()["html"]


def test_a_refusal_names_its_place(counted, mara, as_user):
    tree = {
        "all": [
            {"field": "frequency", "op": ">=", "value": 2},
            {"any": [{"field": "nonsense", "op": "=", "value": 1}]},
        ]
    }
    answer = as_user(mara).post(PREVIEW, {"tree": json.dumps(tree)})
    assert answer.status_code == 422
    assert answer.json()["place"] == "rule.1.0"
    for broken in ("", "{", "[]", "null", '{"all": []}'):
        assert as_user(mara).post(PREVIEW, {"tree": broken}).status_code == 422


def test_a_tree_of_thousands_of_levels_is_too_deep(counted, mara, as_user):
    answer = as_user(mara).post(PREVIEW, {"tree": '{"all":[' * 20_000})
    assert answer.status_code == 422
    assert "deep" in answer.json()["message"]


def test_a_new_segment_is_saved_and_its_portrait_is_asked_for(counted, mara, as_user):
    answer = as_user(mara).post(
        NEW, {"tree": json.dumps(orders("=", 1)), "name": "Once", "note": "To win again"}
    )
    segment = Segment.objects.get(custom_name="Once")
    assert answer.url == reverse("segments:detail", args=[segment.pk])
    assert segment.members().count() == EACH
    assert JobRun.objects.get(name="segments.portraits").arguments == {"segments": [segment.pk]}


def test_what_was_typed_survives_a_refusal(counted, mara, as_user):
    answer = as_user(mara).post(NEW, {"tree": json.dumps(orders("=", 1)), "name": " ", "note": "Mine"})
    assert answer.status_code == 422
    assert answer.context["tree"] == orders("=", 1)
    assert answer.context["note"] == "Mine"
    assert "Choose a name" in answer.text


def test_an_edit_shows_what_changes_before_it_is_made(often, mara, as_user):
    address = reverse("segments:rule-edit", args=[often.pk])
    typed = {"tree": json.dumps(orders(">=", 2)), "name": "Again", "note": "", "version": "1"}
    review = as_user(mara).post(address, typed)
    assert (review.context["difference"].enters, review.context["difference"].leaves) == (EACH, 0)
    assert "Orders is at least 10" in review.text
    assert often.members().count() == EACH  # nothing happened yet
    as_user(mara).post(address, typed | {"confirmed": "1"})
    assert Segment.objects.get(pk=often.pk).members().count() == 2 * EACH
    stale = as_user(mara).post(address, typed | {"confirmed": "1"})
    assert stale.status_code == 422
    assert "Somebody changed this rule" in stale.text


def test_segments_are_combined_in_the_order_chosen(often, counted, mara, as_user):
    again = save_rule(tree=orders(">=", 2), name="Again", by=mara)
    answer = as_user(mara).get(NEW, {"how": "difference", "segment": [again.pk, often.pk]})
    assert answer.context["tree"] == {
        "all": [
            {"field": "segment", "op": "in", "value": [again.pk]},
            {"field": "segment", "op": "not in", "value": [often.pk]},
        ]
    }
    assert (
        "Choose at least two segments" in as_user(mara).get(NEW, {"how": "union", "segment": [often.pk]}).text
    )


def test_a_segment_is_not_offered_to_itself(often, mara, as_user):
    page = as_user(mara).get(reverse("segments:rule-edit", args=[often.pk]))
    assert page.context["choices"]["segments"] == []


def test_an_analyst_builds_nothing(often, ines, as_user):
    assert as_user(ines).get(NEW).status_code == 403
    assert as_user(ines).post(PREVIEW, {"tree": "{}"}).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_somebody_builds_a_rule_sees_it_saves_it_and_changes_it(page, mara, counted):
    page.login(mara)
    page.visit(NEW)
    window, outcome = page.page, page.page.locator("#outcome")
    window.fill("[name=name]", "Regulars")
    first = window.locator(".mo-condition").first
    first.get_by_label("Field", exact=True).select_option("frequency")
    first.get_by_label("Value").fill("2")
    outcome.get_by_text("Orders is at least 2").wait_for()
    assert "80" in outcome.inner_text()

    window.get_by_role("button", name="+ Group").click()
    second = window.locator(".mo-condition").nth(1)
    second.get_by_label("Field", exact=True).select_option("order.count")
    second.get_by_label("Value").fill("10")
    second.locator("summary", has_text="Category").click()
    second.get_by_label("Drinks").check()
    outcome.get_by_text("(category Drinks) is at least 10").wait_for()
    assert "40" in outcome.inner_text()
    second.get_by_label("Value").fill("")
    outcome.get_by_text("Fill in every value").wait_for()
    second.get_by_role("button", name="Remove this condition").click()
    window.get_by_text("This group is empty: add a condition or remove the group.").wait_for()
    window.get_by_role("button", name="Remove this group").click()
    outcome.get_by_text("Orders is at least 2").wait_for()
    window.get_by_role("button", name="Save").click()
    window.get_by_role("link", name="Change the rule").wait_for()
    segment = Segment.objects.get(custom_name="Regulars")
    assert segment.members().count() == 2 * EACH
    assert Rule.objects.get(segment=segment).tree == orders(">=", 2)

    window.get_by_role("link", name="Change the rule").click()
    window.locator(".mo-condition").first.get_by_label("Value").fill("10")
    outcome.get_by_text("−40").wait_for()
    window.get_by_role("button", name="Show what changes").click()
    window.get_by_text("0 customers enter, 40 leave and 40 stay.").wait_for()
    window.get_by_role("button", name="Save this change").click()
    window.get_by_text("Orders is at least 10").first.wait_for()
    assert segment.members().count() == EACH
    # the browser itself reports an answer of 422, which is how the server says that the group was empty
    assert [error for error in page.errors if "422" not in error] == []
