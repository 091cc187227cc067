"""The pages of learned segments."""

from __future__ import annotations

from django.urls import reverse

from segments.actions.learned import learn_segment, plan_learned_segment
from segments.actions.refresh import refresh_segments
from segments.models import LearnedPlan
from shop.models import Customer
from tests.planted import TODAY


def content(response) -> str:
    return response.content.decode()


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


def test_learned_segments_of_like_names_get_addresses_of_their_own(planted, mara):
    segment = refresh_segments(as_of=TODAY)[0].snapshots.first().segment
    wish = {"source": "segment", "segment": segment, "estimator": "forest", "size": 5, "by": mara}
    topics = [plan_learned_segment(title=title, **wish).topic for title in ("Same", "Same!", "Same?")]
    assert topics == ["same", "same-2", "same-3"]
