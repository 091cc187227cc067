"""From the form to the mailbox, as people click it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backoffice.models import ApiKey, User
from campaigns.models import Campaign, Message
from campaigns.presenters.audiences import audience
from delivery.actions.mailbox import keep
from delivery.actions.sending import deliver_due
from delivery.models import MailboxMessage
from shop.models import Order
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
    approver.post(reverse("campaigns:approve", args=[campaign.pk]), {"version": campaign.version})
    assert deliver_due() == people.reached
    page = approver.get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    assert "Too early" in page
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


def test_a_decision_without_a_readable_version_decides_nothing(
    anton: User, make_campaign: Any, as_user: Any
) -> None:
    campaign = make_campaign(make_segment(make_customers(1)), state=Campaign.State.SUBMITTED)
    for version in ("", "abc", "9" * 5000):
        as_user(anton).post(reverse("campaigns:approve", args=[campaign.pk]), {"version": version})
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SUBMITTED


def test_times_are_typed_in_the_shops_zone(mara: User, as_user: Any, settings: Any) -> None:
    settings.SHOP_TIME_ZONE = "Asia/Shanghai"
    assert "Time zone: Asia/Shanghai." in as_user(mara).get(reverse("campaigns:new")).content.decode()


def test_preview_names_the_placeholder(mara: User, as_user: Any) -> None:
    make_customers(1)
    url = reverse("campaigns:message-preview")
    good = as_user(mara).post(url, {"subject": "Hi {{ first_name }}", "body": "x"}).content.decode()
    assert "Hi Name0" in good
    assert "nickname" in as_user(mara).post(url, {"subject": "Hi", "body": "{{ nickname }}"}).content.decode()


def test_an_analyst_may_look_only(ines: User, message: Message, make_campaign: Any, as_user: Any) -> None:
    campaign = make_campaign(make_segment(make_customers(1)))
    analyst = as_user(ines)
    for name in ("campaigns:list", "campaigns:approvals", "campaigns:messages", "delivery:mailbox"):
        assert analyst.get(reverse(name)).status_code == 200
    assert analyst.get(reverse("campaigns:new")).status_code == 403
    for transition in ("submit", "approve", "cancel"):
        assert (
            analyst.post(reverse(f"campaigns:{transition}", args=[campaign.pk]), {"version": 1}).status_code
            == 403
        )


def test_admin_approves_with_the_same_rules(
    anton: User, mara: User, make_campaign: Any, as_user: Any
) -> None:
    from campaigns.actions.campaigns import submit_campaign

    campaign = submit_campaign(campaign=make_campaign(make_segment(make_customers(7))), by=mara)
    draft = make_campaign(campaign.segment, name="Unready")
    url, chosen = (
        reverse("admin:campaigns_campaign_changelist"),
        {"action": "approve", "_selected_action": [campaign.pk, draft.pk]},
    )
    shown = as_user(anton).post(url, chosen).content.decode()
    assert f'name="version_{campaign.pk}" value="1"' in shown
    assert '<td class="num">7</td>' in shown
    assert "Unready: draft" in shown

    def confirm(version: int) -> str:
        as_user(anton).post(url, {**chosen, "confirmed": "1", f"version_{campaign.pk}": version})
        campaign.refresh_from_db()
        return campaign.state

    Campaign.objects.filter(pk=campaign.pk).update(
        version=2
    )  # changed, and submitted again, while the approver was looking
    assert confirm(1) == "submitted"
    assert confirm(2) == "approved"
    assert campaign.decided_by == anton


def test_admin_offers_nobody_their_own(anton: User, mara: User, make_campaign: Any, as_user: Any) -> None:
    campaign = make_campaign(
        make_segment(make_customers(1)), state=Campaign.State.SUBMITTED, submitted_by=anton
    )
    chosen = {"action": "approve", "_selected_action": [campaign.pk]}
    shown = as_user(anton).post(reverse("admin:campaigns_campaign_changelist"), chosen).content.decode()
    assert "a second person must decide" in shown
    assert "confirmed" not in shown


def test_api_of_messages(mara: User, ines: User, message: Message, client: Any) -> None:
    def headers(owner: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {ApiKey.objects.create_key(name='partner', owner=owner)[1]}"}

    url, body = (
        "/api/v1/messages/",
        {"name": "By tool", "subject": "Hi", "body": "{{ products }}", "language": "zh-hans"},
    )
    listed = client.get(url, headers=headers(ines)).json()["results"]
    assert listed == [
        {"id": message.pk, "name": "Hello", "subject": "Hello {{ first_name }}", "language": "en"}
    ]
    assert client.post(url, body, content_type="application/json", headers=headers(ines)).status_code == 403
    made = client.post(url, body, content_type="application/json", headers=headers(mara))
    assert made.status_code == 201
    written = Message.objects.get(pk=made.json()["id"])
    assert (written.body, written.created_by, written.language) == ("{{ products }}", mara, "zh-hans")
    wrong = client.post(
        url, body | {"name": "B", "body": "{{ x }}"}, content_type="application/json", headers=headers(mara)
    )
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["body"])


def test_api(mara: User, message: Message, client: Any) -> None:
    _row, key = ApiKey.objects.create_key(name="partner", owner=mara)
    segment = make_segment(make_customers(3))
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "order-1"}
    body = {
        "name": "By tool",
        "segment": segment.pk,
        "message": message.pk,
        "currency": "GBP",
        "holdout_percent": 0,
    }
    first = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    again = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Campaign.objects.count() == 1
    headers.pop("Idempotency-Key")
    url = f"/api/v1/campaigns/{first.json()['id']}/"
    assert client.post(f"{url}submit/", headers=headers).json()["state"] == "submitted"
    assert client.post(f"{url}submit/", headers=headers).status_code == 422
    assert client.get(url, headers=headers).json()["counts"]["sent"] == 0
    assert len(client.get("/api/v1/campaigns/?state=draft", headers=headers).json()["results"]) == 0
    wrong = client.post(
        "/api/v1/campaigns/", {**body, "segment": 0}, content_type="application/json", headers=headers
    )
    assert wrong.status_code == 400
    assert wrong["Content-Type"].startswith("application/problem+json")
    assert "segment" in wrong.json()["errors"]
    body.pop("currency")
    nameless = client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers)
    assert list(nameless.json()["errors"]) == ["currency"]  # a shop without an order has none
    Order.objects.create(number="1", placed_at="2026-01-01T00:00Z", currency="EUR")
    assert (
        client.post("/api/v1/campaigns/", body, content_type="application/json", headers=headers).json()[
            "currency"
        ]
        == "EUR"
    )
