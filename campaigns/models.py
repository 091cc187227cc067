"""When, where and for how much: placements, budget plans, messages, campaigns and what was sent."""

from __future__ import annotations

import uuid
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.models import JobRun
from backoffice.templatetags.formats import money, money_rounded, number, percent
from segments.models import Segment
from shop.models import Channel, CurrencyField, Customer, MoneyField


def _staff(label: Any, **keywords: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label, **keywords
    )


class Placement(models.Model):
    """A place where ads can be bought, what it costs and what it is expected to bring."""

    class Pricing(models.TextChoices):
        CPC = "cpc", _("per click (CPC)")
        CPM = "cpm", _("per thousand impressions (CPM)")
        CPA = "cpa", _("per conversion (CPA)")

    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=60)
    pricing = models.CharField(_("pricing"), max_length=3, choices=Pricing)
    price = MoneyField(_("price"), validators=[MinValueValidator(Decimal("0.0001"))])
    currency = CurrencyField(_("currency"))
    click_rate = models.FloatField(_("click rate"), null=True, blank=True, help_text=_("Clicks per impression, 0 to 1."))
    conversion_rate = models.FloatField(
        _("conversion rate"), null=True, blank=True, help_text=_("Conversions per click, 0 to 1.")
    )
    conversion_value = MoneyField(_("value of a conversion"), help_text=_("Expected revenue or margin of one conversion."))
    min_spend = MoneyField(_("minimum spend"), default=Decimal(0))
    max_spend = MoneyField(_("maximum spend"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)
    by_hand = models.BooleanField(
        _("kept by hand"), default=False, help_text=_("Staff entered these figures; ad reports do not overwrite them.")
    )

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["platform", "name"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "name"], name="placement_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="placement_price_positive"),
            models.CheckConstraint(
                condition=Q(min_spend__gte=0) & (Q(max_spend__isnull=True) | Q(max_spend__gte=F("min_spend"))),
                name="placement_bounds",
            ),
            models.CheckConstraint(
                condition=(Q(click_rate__isnull=True) | Q(click_rate__range=(0, 1)))
                & (Q(conversion_rate__isnull=True) | Q(conversion_rate__range=(0, 1))),
                name="placement_rates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} - {self.name}"

    @property
    def cost_per_conversion(self) -> float | None:
        """Expected cost of one conversion in the placement's currency; None while a rate that it needs is unknown.

        CPC: price / conversion rate. CPM: price / 1000 / (click rate x conversion rate). CPA: the price.
        """
        if self.pricing == self.Pricing.CPA:
            return float(self.price)
        clicks = self.clicks_per_unit
        return 1 / (clicks * self.conversion_rate) if clicks and self.conversion_rate else None

    @property
    def clicks_per_unit(self) -> float | None:
        """Expected clicks per unit of money spent; None while unknown."""
        if self.pricing == self.Pricing.CPC:
            return 1 / float(self.price)
        if self.pricing == self.Pricing.CPM:
            return 1000 / float(self.price) * self.click_rate if self.click_rate else None
        return 1 / float(self.price) / self.conversion_rate if self.conversion_rate else None

    @property
    def impressions_per_unit(self) -> float | None:
        """Expected impressions per unit of money spent; None while unknown."""
        if self.pricing == self.Pricing.CPM:
            return 1000 / float(self.price)
        return self.clicks_per_unit / self.click_rate if self.clicks_per_unit and self.click_rate else None

    @property
    def conversions_per_unit(self) -> float | None:
        return 1 / self.cost_per_conversion if self.cost_per_conversion else None

    @property
    def return_per_unit(self) -> float | None:
        """Expected value of conversions per unit of money spent; None while a rate is unknown."""
        per_unit = self.conversions_per_unit
        return per_unit * float(self.conversion_value) if per_unit else None


class BudgetPlan(models.Model):
    """One solve of the allocation. Immutable; the newest published one is in force."""

    class Status(models.TextChoices):
        OPTIMAL = "optimal", _("best possible")
        INFEASIBLE = "infeasible", _("impossible")

    budget = MoneyField(_("budget"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    expected_return = MoneyField(_("expected return"), default=Decimal(0))
    spent = MoneyField(_("spent"), default=Decimal(0))
    shadow_price = models.FloatField(_("shadow price"), null=True, help_text=_("Return of one more unit of budget."))
    explanation = models.JSONField(default=dict, help_text="Why this split; for an impossible plan, the rows in conflict.")
    published = models.BooleanField(_("in force"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = _staff(_("created by"))
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("budget plan")
        verbose_name_plural = _("budget plans")
        ordering = ["-created_at"]
        permissions = [("plan_budget", "Can compute budget plans")]
        constraints = [
            models.UniqueConstraint(fields=["published"], condition=Q(published=True), name="budgetplan_one_published")
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.currency} {self.created_at:%Y-%m-%d}"

    @property
    def gain(self) -> float | None:
        """Expected return beyond the same money split as of late (or evenly, without reports), as a share; None if impossible."""
        before = self.explanation.get("today_return") or self.explanation.get("equal_return")
        return float(self.expected_return) / before - 1 if before else None

    @property
    def summary(self) -> str:
        """What the plan says, in one sentence."""
        words = {"spent": money_rounded(self.spent, self.currency), "back": money_rounded(self.expected_return, self.currency)}
        if self.status == self.Status.INFEASIBLE:
            return gettext("%s cannot be divided within these limits.") % money_rounded(self.budget, self.currency)
        if self.gain is None:
            return gettext("%(spent)s spent like this is expected to bring %(back)s.") % words
        words["gain"] = percent(self.gain, 1 if self.gain < 0.1 else 0)
        if self.gain < 0.0005:
            return gettext(
                "%(spent)s spent like this is expected to bring %(back)s: today's split is as good as it gets within these limits."
            ) % words
        if self.explanation.get("today_return"):
            return gettext("%(spent)s spent like this is expected to bring %(back)s: %(gain)s more than today's split.") % words
        return gettext("%(spent)s spent like this is expected to bring %(back)s: %(gain)s more than an equal split.") % words

    @property
    def margin(self) -> str:
        """What one more unit of budget would bring, in one sentence."""
        if self.shadow_price is None:
            return ""
        left = self.budget - self.spent
        if left > self.budget / 1000 and left > 1:
            unspent = money_rounded(left, self.currency)
            return gettext("%s of the budget stays unspent: every placement is at its maximum.") % unspent
        words = {"one": money_rounded(1, self.currency), "back": money(round(self.shadow_price, 2), self.currency)}
        if self.shadow_price < 1:
            return gettext("%(one)s more of budget would bring %(back)s: less than it costs.") % words
        return gettext("%(one)s more of budget would bring %(back)s.") % words

    @property
    def remedies(self) -> list[str]:
        """For an impossible plan: what excludes what, then the smallest change of each kind that alone makes it possible."""
        said = self.explanation
        amount = partial(money_rounded, currency=self.currency)
        wanted, reachable, needed = said.get("min_conversions"), said.get("conversions_reachable"), said.get("budget_needed")
        sentences = []
        if said.get("minimums", 0) > self.budget:
            sentences.append(
                gettext("The minimums add up to %(minimums)s, the budget is %(budget)s.")
                % {"minimums": amount(said["minimums"]), "budget": amount(self.budget)}
            )
        elif wanted and reachable is not None:
            sentences.append(
                gettext("%(wanted)s conversions are asked for; this budget reaches at most %(reachable)s.")
                % {"wanted": number(wanted), "reachable": number(reachable)}
            )
        if said.get("lower"):
            less = ", ".join(f"{name}: {amount(by)}" for name, by in said["lower"])
            sentences.append(gettext("Lower minimums by this much - %s.") % less)
        if needed and needed > self.budget:
            sentences.append(gettext("Raise the budget to %s.") % amount(needed))
        if wanted and reachable:
            sentences.append(gettext("Ask for at most %s conversions.") % number(reachable))
        if said.get("band_in_the_way"):
            sentences.append(gettext("Let placements change by more than 30 %: without that limit it is possible."))
        return sentences


REASONS = {
    "at_maximum": _("At its maximum: more money here would still bring more than elsewhere."),
    "at_minimum": _("Held at its minimum: the same money brings more elsewhere."),
    "raised": _("Raised as far as one plan may go: its next unit of money still brings more than elsewhere."),
    "lowered": _("Lowered as far as one plan may go: the same money brings more elsewhere."),
    "rest": _("Balanced: its last unit of money brings as much as the last unit elsewhere."),
    "not_worth_it": _("Not worth it: the same money brings more elsewhere."),
}


class BudgetPlanLine(models.Model):
    plan = models.ForeignKey(BudgetPlan, models.CASCADE, related_name="lines")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    spend = MoneyField(_("spend"))
    min_spend = MoneyField(_("at least"), default=Decimal(0))
    max_spend = MoneyField(_("at most"), default=Decimal(0))
    recent_spend = MoneyField(_("spend of the last 30 days"), default=Decimal(0))
    impressions = models.FloatField(_("expected impressions"), null=True)
    clicks = models.FloatField(_("expected clicks"), null=True)
    conversions = models.FloatField(_("expected conversions"))
    expected_return = MoneyField(_("expected return"))
    return_per_unit = models.FloatField(_("return per unit spent"))
    reason_key = models.CharField(max_length=40, help_text="A key of REASONS.")

    class Meta:
        ordering = ["-spend"]
        constraints = [models.UniqueConstraint(fields=["plan", "placement"], name="planline_once")]

    def __str__(self) -> str:
        return f"{self.placement_id}: {self.spend}"

    @property
    def reason(self) -> str:
        """Why this placement gets what it gets, in one sentence."""
        return str(REASONS[self.reason_key])


class Message(models.Model):
    """A text that staff write once and campaigns send. Placeholders: {{ first_name }}, {{ shop_name }}, {{ products }}."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en",
        help_text=_("Of your text; the product reasons and the footer are written in it too."),
    )
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = _staff(_("created by"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """A segment, a message with recommended products, a time and a budget; sent only after a second person approved."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("campaign", "draft")
        SUBMITTED = "submitted", pgettext_lazy("campaign", "waiting for approval")
        REJECTED = "rejected", pgettext_lazy("campaign", "rejected")
        APPROVED = "approved", pgettext_lazy("campaign", "approved")
        SENDING = "sending", pgettext_lazy("campaign", "sending")
        SENT = "sent", pgettext_lazy("campaign", "sent")
        CANCELLED = "cancelled", pgettext_lazy("campaign", "cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=_("segment"))
    message = models.ForeignKey(Message, models.PROTECT, related_name="+", verbose_name=_("message"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    products_per_message = models.PositiveSmallIntegerField(_("products in each message"), default=3)
    holdout_percent = models.PositiveSmallIntegerField(
        _("holdout (%)"), default=5, help_text=_("This share gets nothing, so that the campaign's effect can be measured.")
    )
    send_at = models.DateTimeField(_("send at"), null=True, blank=True, help_text=_("Empty: as soon as it is approved."))
    budget = MoneyField(_("budget"), default=Decimal(0))
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(
        _("version"), default=1, help_text=_("Rises with each edit: an approval names the version it saw.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = _staff(_("created by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = _staff(_("submitted by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = _staff(_("decided by"))
    comment = models.TextField(_("comment"), blank=True)
    started_at = models.DateTimeField(_("sending began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("sending ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-created_at"]
        permissions = [
            ("edit_campaign", "Can create and edit campaigns"),
            ("submit_campaign", "Can submit campaigns for approval"),
            ("approve_campaign", "Can approve or reject campaigns"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")), name="campaign_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "sending", "sent"]) | Q(decided_by__isnull=False),
                name="campaign_approved_by_somebody",
            ),
            models.CheckConstraint(condition=Q(holdout_percent__lte=50), name="campaign_holdout_at_most_half"),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> DeliveryQuerySet:
        """Waiting to be sent now, in campaigns that are being sent."""
        now = timezone.now()
        return self.filter(campaign__state=Campaign.State.SENDING, state=Delivery.State.QUEUED).filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now)
        )

    def unfinished(self) -> DeliveryQuerySet:
        return self.filter(state__in=[Delivery.State.QUEUED, Delivery.State.LEASED, Delivery.State.ATTEMPTING])

    def stop(self, campaign: Campaign) -> int:
        """Make sure that what has not been handed over never is; returns how many."""
        return self.filter(campaign=campaign, state__in=[Delivery.State.QUEUED, Delivery.State.LEASED]).update(
            state=Delivery.State.SUPPRESSED, reason=gettext_noop("the campaign was cancelled"), leased_until=None
        )


class Delivery(models.Model):
    """One message to one customer: the outbox. `attempting` is committed before the provider is called, so that a row found
    in `leased` was certainly not sent and a row found in `attempting` may have been (it becomes `unknown`)."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("delivery", "waiting")
        LEASED = "leased", pgettext_lazy("delivery", "taken")
        ATTEMPTING = "attempting", pgettext_lazy("delivery", "being sent")
        SENT = "sent", pgettext_lazy("delivery", "sent")
        FAILED = "failed", pgettext_lazy("delivery", "failed")
        SUPPRESSED = "suppressed", pgettext_lazy("delivery", "not sent")
        UNKNOWN = "unknown", pgettext_lazy("delivery", "unknown")
        HELD_OUT = "held_out", pgettext_lazy("delivery", "holdout")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="deliveries", verbose_name=_("campaign"), db_index=False
    )
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="deliveries", verbose_name=_("customer"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    step = models.PositiveSmallIntegerField(default=0)
    address_hash = models.CharField(
        max_length=64, blank=True,
        help_text="SHA-256 of the address: one message to an address, also when two customers share it. Empty where the row "
        "was never to be sent to an address of its own.",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=120, blank=True, help_text="An untranslated message id.")
    lease = models.BigIntegerField(default=0, help_text="Rises with each lease; a stale holder cannot write.")
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True)
    product_ids: Any = models.JSONField(default=list)
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)  # when the provider was last called for it

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "step", "channel", "customer"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["campaign", "step", "channel", "address_hash"], name="delivery_once_per_address",
                condition=~Q(address_hash=""),
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="delivery_by_state")]

    def __str__(self) -> str:
        return f"{self.campaign_id} -> {self.customer_id}"

    @property
    def reason_text(self) -> str:
        return gettext(self.reason) if self.reason else ""


class MailboxMessage(models.Model):
    """A mail that the local mailbox (an SMTP server of the demo) received instead of the outside world."""

    received_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    sender = models.CharField(_("from"), max_length=320)
    recipient = models.CharField(_("to"), max_length=320, db_index=True)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mailbox")
        ordering = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return self.subject
