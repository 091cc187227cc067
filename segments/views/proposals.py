"""Pages about proposed generations of groups: look, accept or dismiss."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.pages import StaffRequest, page, staff_page
from segments.actions.proposals import DECIDE, accept_proposal, dismiss_proposal
from segments.models import Proposal, Rule
from segments.presenters.flows import sankey_chart
from segments.presenters.proposals import gain_in_words, lineage_flows, proposed_groups


@staff_page("segments.view_segment")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """What a new generation would change, before anybody decides."""
    proposal = get_object_or_404(Proposal.objects.select_related("run", "against", "decided_by"), pk=pk)
    groups, flows = proposed_groups(proposal), lineage_flows(proposal)
    ending = {group.segment.pk for group in groups if group.new is None}
    rules = Rule.objects.in_force().select_related("segment")
    return page(
        request,
        "segments/proposal.html",
        title=_("Proposed groups"),
        proposal=proposal,
        rows=groups,
        chart=sankey_chart(flows, flows),
        finding=gain_in_words(proposal),
        referring=[rule.segment for rule in rules if ending & set(rule.references)],
        new=sum(group.old is None for group in groups),
    )


@require_POST
@staff_page(DECIDE)
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    accept_proposal(proposal=get_object_or_404(Proposal, pk=pk), by=request.user)
    messages.success(request, _("The new groups are in force."))
    return redirect("segments:gallery")


@require_POST
@staff_page(DECIDE)
def dismiss(request: StaffRequest, pk: int) -> HttpResponse:
    dismiss_proposal(proposal=get_object_or_404(Proposal, pk=pk), by=request.user)
    messages.success(request, _("The groups in force stay."))
    return redirect("segments:stability")
