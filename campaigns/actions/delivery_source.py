"""Campaigns as delivery sees them: settings.DELIVERY_SOURCES names this class."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.actions.sending import begin_due_campaigns, finish_campaigns
from campaigns.models import Campaign
from campaigns.presenters.rendering import Renderer
from delivery.channels import Letter
from recommendations.serving import Offer, offers_for
from shop.models import Customer


class CampaignWriter:
    """Writes the letters of one batch: the campaign's message with what is recommended to each customer."""

    def __init__(self, renderer: Renderer, offers: dict[int, list[Offer]]) -> None:
        self._renderer, self._offers = renderer, offers

    def write(self, customer: Customer, *, letter_id: str, unsubscribe_url: str) -> Letter:
        """Raises Refused when the text cannot be filled in for this customer."""
        return self._renderer.write(
            customer,
            self._offers.get(customer.pk, []),
            letter_id=letter_id,
            unsubscribe_url=unsubscribe_url,
        )


class CampaignSource:
    """Implements delivery.sources.Source."""

    def begin_due(self) -> None:
        begin_due_campaigns()

    def being_sent(self) -> Sequence[int]:
        sending = Campaign.objects.filter(state=Campaign.State.SENDING)
        return list(sending.order_by("started_at").values_list("pk", flat=True))

    def writer(self, source_id: int, customers: Sequence[int]) -> CampaignWriter:
        campaign = Campaign.objects.select_related("message").get(pk=source_id)
        products = campaign.products_per_message
        return CampaignWriter(
            Renderer(campaign.message), offers_for(list(customers), products) if products else {}
        )

    def finish(self) -> None:
        finish_campaigns()

    def language(self, source_id: int) -> str:
        return Campaign.objects.values_list("message__language", flat=True).get(pk=source_id)
