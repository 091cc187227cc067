"""The pages of other groupings, features, learned segments, and their API."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry, JobRun
from segments.actions.groupings import group_customers, plan_grouping
from segments.actions.learned import learn_segment, plan_learned_segment
from segments.actions.refresh import refresh_segments
from segments.models import GroupingPlan, LearnedPlan, Method
from shop.models import Customer
from tests.planted import TODAY

BUYING = ["recency", "frequency", "monetary", "tenure"]


def content(response) -> str:
    return response.content.decode()


def test_a_marketer_groups_another_way(planted, mara, as_user):
    browser = as_user(mara)
    assert "Another grouping" in content(browser.get(reverse("segments:groupings")))
    wish = {"title": "By buying", "method": "mixture", "features": BUYING, "groups": "3"}
    answer = browser.post(reverse("segments:groupings"), wish)
    plan = GroupingPlan.objects.get()
    assert answer["Location"] == reverse("segments:grouping", args=[plan.pk])
    run = JobRun.objects.get(name="segments.group")
    assert run.arguments == {"plan_id": plan.pk}
    group_customers(plan_id=plan.pk, as_of=TODAY)
    shown = content(browser.get(answer["Location"]))
    assert "of buyers lie between groups" in shown
    assert "Compared by: Days since last order" in shown


@pytest.mark.parametrize("method", [Method.KMEANS, Method.FACTORS])
def test_each_method_has_its_picture(planted, mara, as_user, method):
    plan = plan_grouping(title="P", method=method, features=BUYING, groups=None, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    shown = content(as_user(mara).get(reverse("segments:grouping", args=[plan.pk])))
    assert "groups were chosen" in shown
    assert ("factor, named by its strongest features" in shown) == (method == Method.FACTORS)


def test_what_is_wrong_is_said_beside_the_field_and_kept(mara, as_user):
    answer = as_user(mara).post(
        reverse("segments:groupings"), {"title": "Kept", "method": "kmeans", "features": ["recency"]}
    )
    assert answer.status_code == 422
    assert "Choose at least two features" in content(answer)
    assert 'value="Kept"' in content(answer)
    assert not GroupingPlan.objects.exists()


def test_withdrawing_by_page(planted, mara, as_user):
    plan = plan_grouping(title="Gone", method="kmeans", features=BUYING, groups=2, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    browser = as_user(mara)
    browser.post(reverse("segments:grouping-withdraw", args=[plan.pk]))
    assert "was withdrawn" in content(browser.get(reverse("segments:grouping", args=[plan.pk])))
    assert AuditEntry.objects.filter(verb="grouping.withdraw").exists()


def test_an_empty_shop_is_told_the_next_step_instead_of_a_form(mara, as_user):
    browser = as_user(mara)
    for name, said in (
        ("groupings", "Too few buyers to group"),
        ("learned", "Too few customers to learn from"),
    ):
        shown = content(browser.get(reverse(f"segments:{name}")))
        assert said in shown
        assert reverse("intake:imports") in shown
        assert 'name="title"' not in shown
    browser.post(reverse("segments:groupings"), {"title": "Soon", "method": "kmeans", "features": BUYING})
    assert not GroupingPlan.objects.exists()
    assert not JobRun.objects.exists()


def test_the_form_of_examples_shows_the_fields_of_the_chosen_source(planted, mara, page):
    page.login(mara)
    page.visit(reverse("segments:learned"))
    window = page.page
    numbers, segment = window.locator("#numbers"), window.locator("#segment")
    assert (numbers.is_visible(), segment.is_visible()) == (True, False)
    window.locator("[name=source][value=segment]").check()
    assert (numbers.is_visible(), segment.is_visible()) == (False, True)
    window.locator("[name=source][value=coupon]").check()
    assert (numbers.is_visible(), segment.is_visible()) == (False, False)
    assert not window.locator(
        "[name=with_examples]"
    ).is_visible()  # of an outcome everybody may be in the result
    assert page.errors == []


def test_analysts_look_and_do_not_touch(planted, ines, as_user):
    browser = as_user(ines)
    for name in ("groupings", "learned"):
        shown = browser.get(reverse(f"segments:{name}"))
        assert shown.status_code == 200
    assert (
        browser.post(
            reverse("segments:groupings"), {"title": "T", "method": "kmeans", "features": BUYING}
        ).status_code
        == 403
    )
    assert (
        browser.post(reverse("profiles:feature-add"), {"attribute": "x", "kind": "number"}).status_code == 403
    )


def test_more_like_these_by_page(planted, mara, as_user):
    numbers = "\n".join(
        Customer.objects.filter(pk__in=planted["loyal"][:25]).values_list("external_id", flat=True)
    )
    browser = as_user(mara)
    wish = {
        "title": "Like my best",
        "source": "list",
        "estimator": "forest",
        "numbers": numbers,
        "by": "size",
        "size": "15",
    }
    wrong = browser.post(reverse("segments:learned"), wish | {"size": "many"})
    assert wrong.status_code == 422
    assert "A whole number" in content(wrong)
    assert "Find at most" in content(
        browser.post(reverse("segments:learned"), wish | {"size": "1000000000000"})
    )
    answer = browser.post(reverse("segments:learned"), wish)
    plan = LearnedPlan.objects.get()
    learn_segment(plan_id=plan.pk, as_of=TODAY)
    shown = content(browser.get(answer["Location"]))
    assert "15 customers are most like the 25 examples without being among them" in shown
    assert "What the ranking goes by" in shown
    assert "not count" not in shown
    for pk in planted["loyal"][:2]:
        Customer.objects.filter(pk=pk).update(email="one@example.com")
    learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert "1 example does not count" in content(browser.get(answer["Location"]))


def test_partner_tools_ask_too(planted, mara, as_user):
    browser = as_user(mara)
    keys = [one["key"] for one in browser.get("/api/v1/features/").json()]
    assert {"recency", "age", "price_tier"} <= set(keys)
    asked = {"title": "By API", "method": "kmeans", "features": BUYING}
    made = browser.post("/api/v1/groupings/", json.dumps(asked), content_type="application/json")
    assert made.status_code == 201
    group_customers(plan_id=made.json()["id"], as_of=TODAY)
    assert len(browser.get("/api/v1/groupings/").json()[0]["segments"]) >= 2
    wrong = browser.post(
        "/api/v1/groupings/", json.dumps(asked | {"features": ["recency"]}), content_type="application/json"
    )
    assert wrong.status_code == 422
    assert "at least two features" in content(wrong)
    numbers = list(Customer.objects.filter(pk__in=planted["lost"][:22]).values_list("external_id", flat=True))
    learned = browser.post(
        "/api/v1/learned-segments/",
        json.dumps({"title": "Like the lost", "source": "list", "customers": numbers, "size": 10}),
        content_type="application/json",
    )
    assert learned.status_code == 201, content(learned)
    assert JobRun.objects.filter(name="segments.learn").exists()


def test_learned_segments_of_like_names_get_addresses_of_their_own(planted, mara):
    segment = refresh_segments(as_of=TODAY)[0].snapshots.first().segment
    wish = {"source": "segment", "segment": segment, "estimator": "forest", "size": 5, "by": mara}
    topics = [plan_learned_segment(title=title, **wish).topic for title in ("Same", "Same!", "Same?")]
    assert topics == ["same", "same-2", "same-3"]
