"""Campaigns as delivery sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from campaigns.actions.delivery_source import CampaignSource
from campaigns.models import Campaign
from delivery.models import Delivery
from delivery.sources import sources
from tests.campaigns.conftest import make_customers, make_segment


def test_settings_name_it_by_the_type_that_deliveries_carry() -> None:
    assert isinstance(sources()[Campaign.SOURCE], CampaignSource)


def test_what_is_due_begins_and_the_first_begun_is_sent_first(approved: Any) -> None:
    source, segment = CampaignSource(), make_segment(make_customers(2))
    first, second = approved(segment), approved(segment)
    approved(segment, send_at=timezone.now() + timedelta(days=1))
    source.begin_due()
    Campaign.objects.filter(pk=first.pk).update(started_at=timezone.now())
    Campaign.objects.filter(pk=second.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    assert source.being_sent() == [second.pk, first.pk]
    assert Delivery.objects.of(first.source).count() == 2


def test_a_writer_writes_the_campaigns_message(approved: Any) -> None:
    (customer,) = make_customers(1)
    campaign = approved(make_segment([customer]))
    writer = CampaignSource().writer(campaign.pk, [customer.pk])
    letter = writer.write(customer, letter_id="delivery-1", unsubscribe_url="https://shop.example/u")
    assert (letter.subject, letter.to, letter.id) == ("Hello Name0", customer.email, "delivery-1")
    assert "https://shop.example/u" in letter.html
    assert CampaignSource().language(campaign.pk) == campaign.message.language


def test_a_campaign_with_nothing_left_to_send_is_closed(approved: Any) -> None:
    campaign = approved(make_segment(make_customers(1)))
    source = CampaignSource()
    source.begin_due()
    source.finish()
    assert Campaign.objects.get().state == Campaign.State.SENDING
    Delivery.objects.update(state=Delivery.State.FAILED)
    source.finish()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENT
