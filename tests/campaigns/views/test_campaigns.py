"""From the form to the mailbox, as people click it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from backoffice.models import User
from campaigns.actions.approvals import approve_campaign, submit_campaign
from campaigns.actions.sending import begin_due_campaigns
from campaigns.actions.terms import terms_now
from campaigns.datasets.audiences import audience
from campaigns.models import Campaign, Message
from campaigns.presenters.results import results
from delivery.actions.mailbox import keep
from delivery.actions.sending import deliver_due
from delivery.models import MailboxMessage
from delivery.presenters.progress import outcomes
from shop.models import Customer
from tests.campaigns.conftest import make_customers, make_segment


def form(segment: Any, message: Message, **more: Any) -> dict[str, Any]:
    return {
        "name": "Spring",
        "segment": segment.pk,
        "message": message.pk,
        "products_per_message": 2,
        "holdout_percent": 20,
        "budget": "10.00",
        "currency": "GBP",
        "version": 1,
        "public_id": "7c0ffee0-0000-4000-8000-000000000001",
        **more,
    }


def test_write_submit_approve_send_read(
    mara: User, anton: User, message: Message, as_user: Any, post: Any
) -> None:
    segment = make_segment(make_customers(60))
    marketer, approver = as_user(mara), as_user(anton)
    shown = marketer.get(reverse("campaigns:audience-preview"), form(segment, message)).content.decode()
    answer = marketer.post(reverse("campaigns:new"), form(segment, message, submit=""))
    campaign = Campaign.objects.get()
    assert answer.url == reverse("campaigns:detail", args=[campaign.pk])
    people = audience(campaign)
    assert f"<strong>{people.reached}</strong>" in shown  # counted before it was saved, and the same people
    assert 0 < people.held_out < 30
    own = marketer.get(reverse("campaigns:approvals")).content.decode()
    assert "Spring" in own
    assert "formaction" not in own
    assert "formaction" in approver.get(reverse("campaigns:approvals")).content.decode()
    approver.post(reverse("campaigns:approve", args=[campaign.pk]), {"seen": terms_now(campaign).token})
    assert deliver_due() == people.reached
    page = approver.get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    assert "Too early" in page
    assert "people in the segment when it began, 60, which is the sum" in page
    assert f"({timezone.get_current_timezone_name()})" in page
    counts, why = outcomes(campaign.source)
    told = approver.get(f"/api/v1/campaigns/{campaign.public_id}/").json()["counts"]
    arms = results(Campaign.objects.get())
    assert arms is not None
    assert told == counts
    assert (counts["sent"], counts["held_out"], why) == (people.reached, people.held_out, {})
    assert (arms.treated.people, arms.held_out.people) == (counts["sent"], counts["held_out"])
    table = approver.get(
        reverse("campaigns:deliveries", args=[campaign.pk]), {"state": "sent", "format": "csv"}
    )
    lines = table.getvalue().decode().strip().splitlines()
    assert len(lines) == people.reached + 1
    assert not any("@" in line for line in lines)
    keep("shop@example.com", [post.recipients[0]], post.mails[0])
    mail = MailboxMessage.objects.get()
    seen = approver.get(reverse("delivery:mail", args=[mail.pk])).content.decode()
    assert 'sandbox="allow-popups' in seen
    assert "List-Unsubscribe=One-Click" in seen


def test_one_is_counted_in_the_singular(mara: User, message: Message, as_user: Any) -> None:
    segment = make_segment(make_customers(2))
    asked = form(segment, message, holdout_percent=0)
    assert (
        "people get this" in as_user(mara).get(reverse("campaigns:audience-preview"), asked).content.decode()
    )
    alone = form(make_segment(make_customers(1, prefix="d"), slug="alone"), message, holdout_percent=0)
    assert (
        "person gets this" in as_user(mara).get(reverse("campaigns:audience-preview"), alone).content.decode()
    )
    assert "1 person · " in as_user(mara).get(reverse("campaigns:new")).content.decode()


def test_errors_stand_beside_their_fields(mara: User, message: Message, as_user: Any) -> None:
    segment = make_segment(make_customers(1))
    answer = as_user(mara).post(reverse("campaigns:new"), form(segment, message, name="", holdout_percent=80))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "holdout_percent"}
    assert not Campaign.objects.exists()


def test_the_second_of_two_clicks_leads_to_the_saved_campaign(
    mara: User, ada: User, message: Message, as_user: Any
) -> None:
    typed, url = form(make_segment(make_customers(3)), message, holdout_percent=0), reverse("campaigns:new")
    first = as_user(mara).post(url, typed | {"submit": ""})
    again = as_user(mara).post(url, typed | {"submit": ""})
    assert first.url == again.url == reverse("campaigns:detail", args=[Campaign.objects.get().pk])
    assert (
        as_user(mara).post(url, typed | {"name": "Another"}).status_code == 422
    )  # nothing that was typed is dropped silently
    assert as_user(ada).post(url, typed).status_code == 422


def test_a_refused_submission_can_be_corrected(mara: User, message: Message, as_user: Any) -> None:
    marketer, segment = as_user(mara), make_segment(make_customers(3))
    late = form(segment, message, submit="", holdout_percent=0, send_at="2020-01-01T10:00")
    assert "send_at" in marketer.post(reverse("campaigns:new"), late).context["form"].errors
    assert not Campaign.objects.exists()
    assert (
        marketer.post(reverse("campaigns:new"), form(segment, message, holdout_percent=0)).status_code == 302
    )
    campaign = Campaign.objects.get()
    url = reverse("campaigns:edit", args=[campaign.pk])
    assert "send_at" in marketer.post(url, late).context["form"].errors
    assert marketer.post(url, late | {"send_at": ""}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SUBMITTED


def test_a_decision_without_readable_terms_decides_nothing(
    anton: User, make_campaign: Any, as_user: Any
) -> None:
    campaign = make_campaign(make_segment(make_customers(1)), state=Campaign.State.SUBMITTED)
    for version in ("", "abc", "9" * 5000):
        as_user(anton).post(reverse("campaigns:approve", args=[campaign.pk]), {"seen": version})
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SUBMITTED


def test_times_are_typed_in_the_shops_zone(mara: User, as_user: Any, settings: Any) -> None:
    settings.SHOP_TIME_ZONE = "Asia/Shanghai"
    assert "Time zone: Asia/Shanghai." in as_user(mara).get(reverse("campaigns:new")).content.decode()


def test_an_analyst_may_look_only(ines: User, message: Message, make_campaign: Any, as_user: Any) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    analyst = as_user(ines)
    for name in ("campaigns:list", "campaigns:approvals", "campaigns:messages"):
        assert analyst.get(reverse(name)).status_code == 200
    assert analyst.get(reverse("delivery:mailbox")).status_code == 403, "it holds addresses"
    assert analyst.get(reverse("campaigns:new")).status_code == 403
    for transition in ("submit", "approve", "cancel"):
        assert (
            analyst.post(reverse(f"campaigns:{transition}", args=[campaign.pk]), {"version": 1}).status_code
            == 403
        )


def test_the_page_names_what_changed_and_what_a_decision_covers(
    make_campaign: Any, mara: User, anton: User, as_user: Any
) -> None:
    campaign = make_campaign(make_segment(make_customers(2)))
    submit_campaign(campaign=campaign, by=mara)
    shown = as_user(anton).get(reverse("campaigns:approvals")).content.decode()
    campaign.refresh_from_db()
    assert terms_now(campaign).token in shown
    assert "Your approval covers" in shown
    assert "Look again" not in shown
    Message.objects.update(subject="Other")
    for page in (reverse("campaigns:approvals"), reverse("campaigns:detail", args=[campaign.pk])):
        shown = as_user(anton).get(page).content.decode()
        assert "Look again before you decide" in shown
        assert "the text of the message" in shown
    now = Campaign.objects.get(pk=campaign.pk)
    approve_campaign(campaign=now, by=anton, seen=terms_now(now).token)
    Message.objects.update(subject="Yet another")
    assert begin_due_campaigns() == []
    shown = as_user(anton).get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    history = shown.partition("<ol")[2]
    assert "Changed: the text of the message." in history
    assert history.count(f"({timezone.get_current_timezone_name()})") == history.count("<li>") == 4


def test_the_preview_says_what_is_missing_and_what_a_holdout_can_show(
    make_campaign: Any, message: Message, mara: User, as_user: Any
) -> None:
    customers = make_customers(3)
    Customer.objects.filter(pk=customers[0].pk).update(first_name="")
    message.body += "<img src=x>"
    message.save()
    campaign = make_campaign(make_segment(customers), holdout_percent=5)
    shown = as_user(mara).get(reverse("campaigns:audience", args=[campaign.pk])).content.decode()
    assert "1 person who gets this has nothing for {{ first_name }}" in shown
    assert "Not sent: &lt;img&gt;" in shown
    assert "With this holdout no result can be shown" in shown


def test_saving_a_message_names_what_is_not_sent(mara: User, as_user: Any) -> None:
    written = {"name": "A", "language": "en", "subject": "Hi", "body": "<table><tr><td>x</td></tr></table>"}
    answer = as_user(mara).post(reverse("campaigns:message-new"), written, follow=True).content.decode()
    assert "Not sent: &lt;table&gt;" in answer
