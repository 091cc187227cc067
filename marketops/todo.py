"""What waits for the person who looks at the home page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ads.models import BudgetPlan
from backoffice.jobs import register
from backoffice.models import JobRun, User
from campaigns.models import Campaign
from segments.models import Method, Proposal, SegmentRun
from segments.presenters.drift import sentences
from shop.models import Customer, OrderImport, ShopProfile

LATELY = timedelta(days=7)  # for as long an import's rejected rows are worth a look


@dataclass(frozen=True)
class Todo:
    """One thing to do: a sentence, where to do it, and how it looks (good, warn, bad or busy)."""

    text: str
    url: str
    tone: str = "warn"


def waiting_for(user: User) -> list[Todo]:
    """What this person can act upon, most pressing first."""
    return [*_campaigns(user), *_failures(user), *_imports(user), *_plans(user), *_groups(user), *_name(user)]


def _campaigns(user: User) -> Iterator[Todo]:
    if user.has_perm("campaigns.approve_campaign"):
        count = Campaign.objects.filter(state=Campaign.State.SUBMITTED).exclude(submitted_by=user).count()
        if count:
            text = (
                ngettext("%d campaign waits for your approval", "%d campaigns wait for your approval", count)
                % count
            )
            yield Todo(text, reverse("campaigns:approvals"), "busy")
    if user.has_perm("campaigns.edit_campaign"):
        for campaign in Campaign.objects.filter(state=Campaign.State.REJECTED, submitted_by=user)[:3]:
            text = _("“%s” was rejected: read the comment and change it") % campaign.name
            yield Todo(text, reverse("campaigns:detail", args=[campaign.pk]))


def _failures(user: User) -> Iterator[Todo]:
    if not user.has_perm("backoffice.view_jobrun"):
        return
    for run in JobRun.objects.latest_of_each():
        if run.state == JobRun.State.FAILED and run.name in register:
            yield Todo(
                _("%s failed: %s") % (run.title, run.error_text),
                reverse("backoffice:job-run", args=[run.pk]),
                "bad",
            )


def _imports(user: User) -> Iterator[Todo]:
    if not user.has_perm("shop.import_orders"):
        return
    lately = OrderImport.objects.filter(finished_at__gt=timezone.now() - LATELY, rows_rejected__gt=0)
    for one in lately.order_by("-finished_at")[:3]:
        rejected = one.rows_rejected or 0
        text = ngettext(
            "%(n)d row of %(file)s was rejected", "%(n)d rows of %(file)s were rejected", rejected
        )
        yield Todo(text % {"n": rejected, "file": one.filename}, reverse("shop:import", args=[one.pk]))


def _plans(user: User) -> Iterator[Todo]:
    if not user.has_perm("ads.plan_budget"):
        return
    last = BudgetPlan.objects.order_by("-created_at").first()
    if last and last.status == BudgetPlan.Status.INFEASIBLE:
        yield Todo(
            _("The budget plan is impossible: its bounds contradict each other"),
            reverse("ads:budget-plan"),
            "bad",
        )


def _groups(user: User) -> Iterator[Todo]:
    if user.has_perm("segments.decide_proposal"):
        for proposal in Proposal.objects.pending():
            text = _("Other groups of customers are proposed: compare and decide")
            yield Todo(text, reverse("segments:proposal", args=[proposal.pk]))
    run = SegmentRun.objects.published(Method.KMEANS)
    if run and user.has_perm("segments.view_segment"):
        for sentence in sentences(run)[:1]:
            yield Todo(sentence, reverse("segments:stability"))


def _name(user: User) -> Iterator[Todo]:
    if user.has_perm("shop.change_shopprofile") and Customer.objects.exists():
        profile = ShopProfile.objects.current()
        if not profile.is_named:
            yield Todo(
                _("Your mails come from “%s”: give the shop its name") % profile.shown_name,
                reverse("shop:profile"),
            )
