"""The pages of other groupings."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry, JobRun
from segments.actions.groupings import group_customers, plan_grouping
from segments.models import GroupingPlan, Method
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
