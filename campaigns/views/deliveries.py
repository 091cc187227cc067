"""The people behind the numbers of a campaign, and what was sent to one customer."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from backoffice.exports import csv_response
from backoffice.pages import StaffRequest, page, staff_page
from campaigns.models import Campaign
from campaigns.views.campaigns import with_names
from delivery.models import Delivery
from shop.models import Customer


@staff_page("delivery.view_delivery")
def deliveries(request: StaffRequest, pk: int) -> Any:
    """The people behind a number of the detail page, on screen or as CSV."""
    campaign = get_object_or_404(with_names(), pk=pk)
    rows = Delivery.objects.of(campaign.source).select_related("customer").order_by("pk")
    state, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    if reason:
        rows = rows.filter(reason=reason)
    if request.GET.get("format") == "csv":
        return _csv(campaign, rows)
    return page(
        request,
        "campaigns/deliveries.html",
        title=campaign.name,
        campaign=campaign,
        state=state,
        reason=reason,
        states=Delivery.State.choices,
        rows=Paginator(rows, 50).get_page(request.GET.get("page")),
    )


def _csv(campaign: Campaign, rows: Any) -> StreamingHttpResponse:
    """Customer numbers only, like a segment's export: who may see a campaign may not for that reason take
    addresses along."""
    lines = (
        [row.customer.external_id, row.state, row.reason, row.sent_at.isoformat() if row.sent_at else ""]
        for row in rows.iterator(2000)
    )
    return csv_response(f"campaign-{campaign.pk}.csv", ["customer_id", "state", "reason", "sent_at"], lines)


@staff_page("delivery.view_delivery")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """A fragment for the customer page: what was sent, what was not and why."""
    customer = get_object_or_404(Customer, pk=pk)
    rows = Delivery.objects.filter(customer=customer, source_type=Campaign.SOURCE).order_by("-pk")[:50]
    campaigns = Campaign.objects.in_bulk([row.source_id for row in rows])
    shown = [(campaigns[row.source_id], row) for row in rows]
    return render(request, "campaigns/customer_panel.html", {"rows": shown})
