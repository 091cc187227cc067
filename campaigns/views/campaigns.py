"""Pages of campaigns: the list, the editor, one campaign and how far its sending is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from campaigns.actions import authors
from campaigns.actions import campaigns as actions
from campaigns.actions.approvals import submit_campaign
from campaigns.actions.terms import changed_since, terms_now, words
from campaigns.forms.campaigns import CampaignFilterForm, CampaignForm
from campaigns.models import Campaign
from campaigns.presenters.results import results
from delivery.models import Delivery
from delivery.presenters.progress import outcomes, waits
from segments.models import Segment
from segments.playbooks import PLAYBOOKS, Playbook
from segments.presenters.summaries import summaries, summary_of
from shop.currency import currency_of_new_amounts

State = Campaign.State


def with_names() -> Any:
    """Campaigns with all that their pages name, in one query."""
    return Campaign.objects.select_related("segment", "message", "created_by", "submitted_by", "decided_by")


@staff_page("campaigns.view_campaign")
def campaign_list(request: StaffRequest) -> HttpResponse:
    chosen = CampaignFilterForm(request.GET)
    found = with_names()
    if chosen.is_valid():
        if chosen.cleaned_data["state"]:
            found = found.filter(state=chosen.cleaned_data["state"])
        if chosen.cleaned_data["q"]:
            found = found.filter(name__icontains=chosen.cleaned_data["q"])
    return page(
        request,
        "campaigns/list.html",
        title=_("Campaigns"),
        form=chosen,
        campaigns=Paginator(found, 50).get_page(request.GET.get("page")),
        any=Campaign.objects.exists(),
        waiting=Campaign.objects.filter(state=State.SUBMITTED).count(),
    )


@staff_page("campaigns.edit_campaign")
def campaign_new(request: StaffRequest) -> HttpResponse:
    """?segment= is chosen, and ?playbook= fills in what it suggests."""
    initial = {"currency": currency_of_new_amounts(), "segment": request.GET.get("segment")}
    playbook = PLAYBOOKS.get(request.GET.get("playbook", ""))
    if playbook:
        initial |= _suggested(playbook, request.GET.get("segment", ""))
    form = CampaignForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            # A refused submission keeps nothing: what was typed can be corrected and sent again.
            with transaction.atomic():
                campaign = actions.create_campaign(
                    by=request.user,
                    public_id=form.cleaned_data["public_id"],
                    **form.choices,  # type: ignore[arg-type]  # checked by the form
                )
                return _after_save(request, campaign)
        except Refused as refused:
            if saved := _saved_before(request, form):
                return redirect("campaigns:detail", pk=saved.pk)
            form.add_error(_field(form, refused), refused.message)
    return _editor(request, form, _("New campaign"), playbook=playbook)


def _saved_before(request: StaffRequest, form: CampaignForm) -> Campaign | None:
    """The campaign that this very form has made already, when its button was pressed twice; None once
    anything differs."""
    saved = Campaign.objects.filter(public_id=form.cleaned_data["public_id"], created_by=request.user).first()
    same = saved and all(getattr(saved, name) == value for name, value in form.choices.items())
    return saved if same else None


def _suggested(playbook: Playbook, segment: str) -> dict[str, Any]:
    chosen = Segment.objects.filter(pk=segment).first() if segment.isdecimal() and len(segment) < 10 else None
    name = (
        _("%(playbook)s: %(segment)s") % {"playbook": playbook.title_text, "segment": chosen}
        if chosen
        else playbook.title_text
    )
    return {"name": name, "products_per_message": playbook.products, "holdout_percent": playbook.holdout}


@staff_page("campaigns.edit_campaign")
def campaign_edit(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(with_names(), pk=pk)
    if campaign.state not in actions.EDITABLE:
        messages.info(
            request, _("Only drafts and rejected campaigns can be changed: withdraw it first, or copy it.")
        )
        return redirect("campaigns:detail", pk=pk)
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            with transaction.atomic():
                campaign = actions.edit_campaign(
                    campaign=campaign, by=request.user, version=version, **form.choices
                )  # type: ignore[arg-type]  # checked by the form
                return _after_save(request, campaign)
        except Refused as refused:
            form.add_error(_field(form, refused), refused.message)
    return _editor(request, form, campaign.name, campaign=campaign, rejection=_rejection(campaign))


def _rejection(campaign: Campaign) -> AuditEntry | None:
    """The latest rejection with its comment, until somebody approves: the author reads it while changing what
    it names."""
    last = (
        AuditEntry.about(campaign)
        .filter(verb__in=["campaign.approve", "campaign.reject"])
        .order_by("-at", "-pk")
        .first()
    )
    return last if last and last.verb == "campaign.reject" and "comment" in last.details else None


def _field(form: CampaignForm, refused: Refused) -> str | None:
    return refused.field if refused.field in form.fields and refused.field != "version" else None


def _editor(request: StaffRequest, form: CampaignForm, title: str, **context: Any) -> HttpResponse:
    return page(
        request,
        "campaigns/edit.html",
        title=title,
        form=form,
        summaries=summaries(),
        chosen=str(form["segment"].value() or ""),
        status=422 if form.errors else 200,
        **context,
    )


def _after_save(request: StaffRequest, campaign: Campaign) -> HttpResponse:
    if "submit" in request.POST:
        submit_campaign(campaign=campaign, by=request.user)
        messages.success(request, submitted_sentence(campaign))
    else:
        messages.success(request, _("Saved as a draft."))
    return redirect("campaigns:detail", pk=campaign.pk)


@staff_page("campaigns.view_campaign")
def campaign_detail(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(with_names(), pk=pk)
    return page(
        request,
        "campaigns/detail.html",
        title=campaign.name,
        campaign=campaign,
        timeline=_timeline(campaign),
        summary=summary_of(campaign.segment),
        may_decide=may_decide(request, campaign),
        results=results(campaign),
        **terms_shown(campaign),
        **_progress(campaign),
    )


def _timeline(campaign: Campaign) -> list[tuple[AuditEntry, str]]:
    """What happened to it, each with the parts, in words, for which an approval was taken back."""
    return [
        (entry, words(entry.details.get("changed", [])) if entry.verb == "campaign.look_again" else "")
        for entry in AuditEntry.about(campaign)
    ]


def may_decide(request: StaffRequest, campaign: Campaign) -> bool:
    """Whether the person who looks may approve or reject it."""
    return request.user.has_perm("campaigns.approve_campaign") and authors.may_decide(campaign, request.user)


def terms_shown(campaign: Campaign) -> dict[str, Any]:
    """`seen`: the token that a decision carries; `look_again`: what changed since it was submitted or
    approved, in words."""
    if campaign.state not in {State.SUBMITTED, State.APPROVED}:
        return {"seen": "", "look_again": ""}
    changed = [*campaign.look_again, *changed_since(campaign)]
    return {"seen": terms_now(campaign).token, "look_again": words(list(dict.fromkeys(changed)))}


def submitted_sentence(campaign: Campaign) -> str:
    """What the author reads after submitting; with what is still to be counted, where much arrives at
    once."""
    entry = AuditEntry.about(campaign).filter(verb="campaign.submit").order_by("-pk").first()
    pending = entry.details.get("still_to_count", 0) if entry else 0
    text = _("Submitted: a second person decides now.")
    if pending:
        more = ngettext(
            "News about %d customer is still to be counted, so the number of people may change a little.",
            "News about %d customers is still to be counted, so the number of people may change a little.",
            pending,
        )
        text = f"{text} {more % pending}"
    return text


def _progress(campaign: Campaign) -> dict[str, Any]:
    people, why = outcomes(campaign.source)
    done = sum(
        people[state] for state in (Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.UNKNOWN)
    )
    left = sum(
        people[state] for state in (Delivery.State.QUEUED, Delivery.State.LEASED, Delivery.State.ATTEMPTING)
    )
    return {
        "counts": people,
        "done": done,
        "left": left,
        "total": done + left,
        "reasons": why,
        "everybody": sum(people.values()),
        "counted_at": timezone.now(),
        "waits": waits(campaign.source) if left else {},
        "percent": round(100 * done / (done + left)) if done + left else 100,
    }


@staff_page("campaigns.view_campaign")
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the sending is; asks for itself again while it lasts, then reloads the page."""
    campaign = get_object_or_404(with_names(), pk=pk)
    response = render(request, "campaigns/parts/progress.html", {"campaign": campaign, **_progress(campaign)})
    if campaign.state not in {State.APPROVED, State.SENDING} or (
        request.GET.get("was") == State.APPROVED and campaign.state != State.APPROVED
    ):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@staff_page("campaigns.edit_campaign")
def duplicate(request: StaffRequest, pk: int) -> HttpResponse:
    copy = actions.duplicate_campaign(campaign=get_object_or_404(with_names(), pk=pk), by=request.user)
    messages.success(request, _("Copied: change what should differ, then submit it."))
    return redirect("campaigns:edit", pk=copy.pk)
