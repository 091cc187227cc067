"""Fragments about who a campaign reaches, who is left out and what people would get."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, staff_page
from backoffice.readers import sees_personal_data
from campaigns.actions.terms import SAMPLES
from campaigns.datasets.audiences import audience, lacking, recipients
from campaigns.forms.campaigns import AudienceForm
from campaigns.models import Campaign
from campaigns.presenters.holdouts import outlook
from campaigns.presenters.omissions import not_sent, without_default
from campaigns.presenters.rendering import sample_letters
from campaigns.views.campaigns import with_names
from delivery.datasets.checks import CAP_COUNT, CAP_WINDOW
from recommendations.models import RecommendationRun
from shop.actions.test_addresses import offers_test_addresses


@staff_page("campaigns.view_campaign")
def preview(request: StaffRequest) -> HttpResponse:
    """Who an unfinished campaign would reach and what its first people would get: a fragment that the editor
    loads while the form is filled in."""
    form = AudienceForm(request.GET)
    if not form.is_valid():
        return render(request, "campaigns/parts/audience.html", {"people": None})
    typed = form.cleaned_data
    campaign = Campaign(
        public_id=typed["public_id"],
        segment=typed["segment"],
        holdout_percent=typed["holdout_percent"] or 0,
        products_per_message=typed["products_per_message"] or 0,
    )
    if typed["message"]:
        campaign.message = typed["message"]
    return _people(request, campaign, letters=typed["message"] is not None)


@staff_page("campaigns.view_campaign")
def audience_of(request: StaffRequest, pk: int) -> HttpResponse:
    """The same of a saved campaign."""
    return _people(request, get_object_or_404(with_names(), pk=pk), letters=True)


def _people(request: StaffRequest, campaign: Campaign, *, letters: bool) -> HttpResponse:
    people = audience(campaign)
    context: dict[str, Any] = {
        "people": people,
        "campaign": campaign,
        "cap": CAP_COUNT,
        "cap_days": CAP_WINDOW.days,
        "no_offers": bool(campaign.products_per_message) and RecommendationRun.objects.published() is None,
        "test_addresses": (
            bool(people.mended_by_import)
            and offers_test_addresses()
            and campaign.segment.members().without_address().exists()
        ),
    }
    if people.members:
        context["outlook"] = outlook(campaign, people)
    if letters and sees_personal_data():
        sample = recipients(campaign, SAMPLES)
        try:
            shown = sample_letters(campaign.message, sample, campaign.products_per_message)
            gaps = lacking(campaign, without_default(campaign.message))
            context["gaps"] = [(f"{{{{ {name} }}}}", count) for name, count in gaps.items()]
            context["not_sent"] = not_sent(campaign.message.body)
            context["letters"] = list(zip(sample, shown, strict=True))
        except Refused as refused:
            context["problem"] = refused.message
    return render(request, "campaigns/parts/audience.html", context)
