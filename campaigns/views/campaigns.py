"""Pages of campaigns: list, editor with live numbers, detail, approvals, the people behind each number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.exports import csv_response
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from campaigns.actions import campaigns as actions
from campaigns.actions.sending import resend_unknown
from campaigns.forms.campaigns import CampaignFilter, CampaignForm, ConsequencesForm
from campaigns.models import Campaign
from campaigns.presenters.audiences import audience
from campaigns.presenters.rendering import sample_letters
from campaigns.presenters.results import results
from delivery.datasets.checks import CAP_COUNT, CAP_WINDOW
from delivery.models import Delivery
from delivery.presenters.progress import counts, reasons, waits
from delivery.tasks import queue_delivery
from recommendations.models import RecommendationRun
from segments.models import Segment
from segments.playbooks import PLAYBOOKS, Playbook
from segments.presenters.summaries import summaries, summary_of
from shop.actions.test_addresses import offers_test_addresses
from shop.currency import currency_of_new_amounts
from shop.models import Customer

State = Campaign.State
SAMPLES = 3


def _all() -> Any:
    return Campaign.objects.select_related("segment", "message", "created_by", "submitted_by", "decided_by")


@staff_page("campaigns.view_campaign")
def campaign_list(request: StaffRequest) -> HttpResponse:
    chosen = CampaignFilter(request.GET)
    found = _all()
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
            with (
                transaction.atomic()
            ):  # a refused submission keeps nothing: what was typed can be corrected and sent again
                campaign = actions.create_campaign(
                    by=request.user,
                    public_id=form.cleaned_data["public_id"],
                    **form.choices,  # type: ignore[arg-type]
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
    campaign = get_object_or_404(_all(), pk=pk)
    if campaign.state not in actions.EDITABLE:
        messages.info(
            request, _("Only drafts and rejected campaigns can be changed: take it back first, or copy it.")
        )
        return redirect("campaigns:detail", pk=pk)
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            with transaction.atomic():
                campaign = actions.edit_campaign(
                    campaign=campaign, by=request.user, version=version, **form.choices
                )  # type: ignore[arg-type]
                return _after_save(request, campaign)
        except Refused as refused:
            form.add_error(_field(form, refused), refused.message)
    return _editor(request, form, campaign.name, campaign=campaign, rejection=_rejection(campaign))


def _rejection(campaign: Campaign) -> AuditEntry | None:
    """The latest rejection with its comment, until somebody approves: the author reads it while changing what
    was asked for."""
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
        actions.submit_campaign(campaign=campaign, by=request.user)
        messages.success(request, _("Submitted: a second person decides now."))
    else:
        messages.success(request, _("Saved as a draft."))
    return redirect("campaigns:detail", pk=campaign.pk)


@staff_page("campaigns.view_campaign")
def consequences(request: StaffRequest) -> HttpResponse:
    """The numbers of an unfinished campaign, and what its first people would get: a fragment the editor loads
    as one types."""
    form = ConsequencesForm(request.GET)
    if not form.is_valid():
        return render(request, "campaigns/parts/numbers.html", {"people": None})
    typed = form.cleaned_data
    campaign = Campaign(
        public_id=typed["public_id"],
        segment=typed["segment"],
        holdout_percent=typed["holdout_percent"] or 0,
        products_per_message=typed["products_per_message"] or 0,
    )
    if typed["message"]:
        campaign.message = typed["message"]
    return _numbers(request, campaign, letters=typed["message"] is not None)


@staff_page("campaigns.view_campaign")
def numbers(request: StaffRequest, pk: int) -> HttpResponse:
    """The same numbers and letters of a saved campaign."""
    return _numbers(request, get_object_or_404(_all(), pk=pk), letters=True)


def _numbers(request: StaffRequest, campaign: Campaign, *, letters: bool) -> HttpResponse:
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
    if letters:
        sample = campaign.segment.members().contactable(campaign.channel).order_by("pk")[:SAMPLES]
        try:
            shown = sample_letters(campaign.message, list(sample), campaign.products_per_message)
            context["letters"] = list(zip(sample, shown, strict=True))
        except Refused as refused:
            context["problem"] = refused.message
    return render(request, "campaigns/parts/numbers.html", context)


@staff_page("campaigns.view_campaign")
def campaign_detail(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(_all(), pk=pk)
    return page(
        request,
        "campaigns/detail.html",
        title=campaign.name,
        campaign=campaign,
        timeline=AuditEntry.about(campaign),
        summary=summary_of(campaign.segment),
        may_decide=_may_decide(request, campaign),
        results=results(campaign),
        **_progress(campaign),
    )


def _may_decide(request: StaffRequest, campaign: Campaign) -> bool:
    return request.user.has_perm("campaigns.approve_campaign") and actions.may_decide(campaign, request.user)


def _progress(campaign: Campaign) -> dict[str, Any]:
    people = counts(campaign.source)
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
        "reasons": reasons(campaign.source),
        "waits": waits(campaign.source) if left else {},
        "percent": round(100 * done / (done + left)) if done + left else 100,
    }


@staff_page("campaigns.view_campaign")
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the sending is; asks for itself again while it lasts, then reloads the page."""
    campaign = get_object_or_404(_all(), pk=pk)
    response = render(request, "campaigns/parts/progress.html", {"campaign": campaign, **_progress(campaign)})
    if campaign.state not in {State.APPROVED, State.SENDING} or (
        request.GET.get("was") == State.APPROVED and campaign.state != State.APPROVED
    ):
        response["HX-Refresh"] = "true"
    return response


def _version(request: StaffRequest) -> int:
    """The version the page showed; 0, which no campaign has, when the request does not say."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _approve(request: StaffRequest, campaign: Campaign) -> str:
    version = _version(request)
    actions.approve_campaign(
        campaign=campaign, by=request.user, version=version, comment=request.POST.get("comment", "")
    )
    queue_delivery()
    return _("Approved: it is sent when its time comes.")


def _reject(request: StaffRequest, campaign: Campaign) -> str:
    version = _version(request)
    actions.reject_campaign(
        campaign=campaign, by=request.user, version=version, comment=request.POST.get("comment", "")
    )
    return _("Rejected: the author sees your comment.")


def _submit(request: StaffRequest, campaign: Campaign) -> str:
    actions.submit_campaign(campaign=campaign, by=request.user)
    return _("Submitted: a second person decides now.")


def _withdraw(request: StaffRequest, campaign: Campaign) -> str:
    actions.withdraw_campaign(campaign=campaign, by=request.user)
    return _("Taken back: you can change it and submit it again.")


def _cancel(request: StaffRequest, campaign: Campaign) -> str:
    actions.cancel_campaign(campaign=campaign, by=request.user)
    return _("Cancelled: nothing more is sent.")


def _resend(request: StaffRequest, campaign: Campaign) -> str:
    again = resend_unknown(campaign=campaign, by=request.user)
    queue_delivery()
    return ngettext("%d message is sent again.", "%d messages are sent again.", again) % again


DEEDS: dict[str, Callable[[StaffRequest, Campaign], str]] = {
    "approve": _approve,
    "reject": _reject,
    "submit": _submit,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "resend": _resend,
}


@require_POST
@staff_page("campaigns.view_campaign")
def act(request: StaffRequest, pk: int, deed: str) -> HttpResponse:
    """Do one of DEEDS; the action checks the right."""
    campaign = get_object_or_404(_all(), pk=pk)
    messages.success(request, DEEDS[deed](request, campaign))
    if request.POST.get("from") == "approvals":
        return redirect("campaigns:approvals")
    return redirect("campaigns:detail", pk=pk)


@require_POST
@staff_page("campaigns.edit_campaign")
def duplicate(request: StaffRequest, pk: int) -> HttpResponse:
    copy = actions.duplicate_campaign(campaign=get_object_or_404(_all(), pk=pk), by=request.user)
    messages.success(request, _("Copied: change what should differ, then submit it."))
    return redirect("campaigns:edit", pk=copy.pk)


@staff_page("campaigns.view_campaign")
def approvals(request: StaffRequest) -> HttpResponse:
    waiting = [
        {
            "campaign": campaign,
            "may_decide": _may_decide(request, campaign),
            "own": not actions.may_decide(campaign, request.user),
        }
        for campaign in _all().filter(state=State.SUBMITTED).order_by("submitted_at")
    ]
    decided = _all().filter(decided_at__isnull=False).order_by("-decided_at")[:20]
    return page(request, "campaigns/approvals.html", title=_("Approvals"), waiting=waiting, decided=decided)


@staff_page("delivery.view_delivery")
def deliveries(request: StaffRequest, pk: int) -> Any:
    """The people behind a number of the detail page, on screen or as CSV."""
    campaign = get_object_or_404(_all(), pk=pk)
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
