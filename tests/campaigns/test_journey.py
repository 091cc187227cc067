"""The whole loop as two people click it: from a file of orders to an approved and delivered campaign."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backoffice.actions import run_job
from backoffice.models import JobRun
from campaigns.actions.messages import ensure_starter_messages
from campaigns.models import Campaign
from delivery.actions.sending import deliver_due
from delivery.models import Delivery
from tests.campaigns.conftest import make_customers, make_segment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BUYERS = 60


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Sixty customers with addresses and a word on consent; one in six says no."""
    rng = random.Random(3)
    rows = [
        "Order ID,Date,SKU,Product,Category,Quantity,Price,Customer ID,Email,First name,Accepts "
        "marketing,Currency"
    ]
    number = 0
    for buyer in range(BUYERS):
        often = buyer % 3 == 0
        for _order in range(9 if often else 2):
            number += 1
            when = timezone.now() - timedelta(days=rng.randrange(1, 90) if often else rng.randrange(200, 400))
            sku = rng.randrange(12)
            rows.append(
                f"{number},{when:%Y-%m-%d %H:%M},P{sku},Product {sku},Kind "
                f"{sku % 3},{rng.randrange(1, 4)},{10 + sku * 3}.50,"
                f"B{buyer},buyer{buyer}@example.com,Name{buyer},{'no' if buyer % 6 == 0 else 'yes'},GBP"
            )
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(rows))
    return path


def run_what_waits() -> None:
    """What the workers do while a person watches the bar."""
    for run in JobRun.objects.filter(state=JobRun.State.QUEUED).order_by("created_at"):
        run_job(run_id=run.pk)
        run.refresh_from_db()
        assert run.state == JobRun.State.SUCCEEDED, run.error


def test_from_a_file_to_a_delivered_campaign(page, mara, anton, orders, post):
    ensure_starter_messages()
    window = page.page

    page.login(mara)
    page.visit("/imports/orders/")
    window.set_input_files("input[type=file]", orders)
    window.get_by_role("button", name="Upload and check").click()
    window.get_by_role("button", name="Import", exact=True).click()
    run_what_waits()
    window.reload()
    window.get_by_role("button", name="Group these customers").click()
    run_what_waits()

    page.visit("/segments/")
    window.locator("a.mo-segment").first.click()
    window.get_by_role("link", name="Start a campaign", exact=True).click()
    window.get_by_text("people get this").wait_for()  # counted before anything is typed
    window.fill("[name=name]", "Autumn")
    window.select_option("[name=message]", index=1)
    window.fill("[name=holdout_percent]", "0")
    window.get_by_role("button", name="Save and submit for approval").click()
    window.wait_for_load_state("networkidle")
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.submitted_by) == (Campaign.State.SUBMITTED, mara)

    page.visit("/campaigns/approvals/")
    assert window.get_by_role("button", name="Approve").count() == 0  # her own

    page.login(anton)
    page.visit(f"/campaigns/{campaign.pk}/")
    window.fill("[name=comment]", "Please name the season.")
    window.get_by_role("button", name="Reject").click()
    window.wait_for_load_state("networkidle")
    page.login(mara)
    page.visit(f"/campaigns/{campaign.pk}/")
    assert window.get_by_text("Please name the season.").first.is_visible()
    window.get_by_role("link", name="Change").click()
    window.get_by_role("button", name="Save and submit for approval").click()
    window.wait_for_load_state("networkidle")
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SUBMITTED

    page.login(anton)
    page.visit(f"/campaigns/{campaign.pk}/")
    window.get_by_role("button", name="Approve and send now").click()
    window.wait_for_load_state("networkidle")
    while deliver_due():
        pass
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENT
    assert campaign.decided_by == anton

    sent = Delivery.objects.of(campaign.source).filter(state=Delivery.State.SENT)
    assert sent.count() == len(post.recipients) == len(set(post.recipients)) > 0
    refused = Delivery.objects.of(campaign.source).filter(customer__consents__granted=False)
    assert refused.exists()
    assert set(refused.values_list("state", flat=True)) == {Delivery.State.SUPPRESSED}
    page.visit(f"/campaigns/{campaign.pk}/")
    assert str(sent.count()) in window.inner_text("body")
    assert page.errors == []


def test_a_double_click_saves_once_and_shows_no_error(page, mara, message):
    segment = make_segment(make_customers(3))
    page.login(mara)
    page.visit(f"/campaigns/new/?segment={segment.pk}")
    window = page.page
    window.fill("#id_name", "double click")
    window.select_option("#id_message", str(message.pk))
    window.fill("#id_currency", "GBP")
    window.get_by_role("button", name="Save as draft").dblclick()
    window.get_by_text("Saved as a draft.").wait_for()
    assert Campaign.objects.get().name == "double click"
    window.go_back()
    assert window.get_by_role("button", name="Save as draft").is_enabled()
    assert page.errors == []
