"""When: messages, campaigns and what was sent."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.staff import staff_key
from segments.models import Segment
from shop.models import Channel, CurrencyField, Customer, MoneyField


class Message(models.Model):
    """A text that staff write once and campaigns send. Placeholders: {{ first_name }}, {{ shop_name }}, {{
    products }}."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("Of your text; the product reasons and the footer are written in it too."),
    )
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = staff_key(_("created by"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """A segment, a message with recommended products, a time and a budget; sent only after a second person
    approved."""

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
        _("holdout (%)"),
        default=5,
        help_text=_("This share gets nothing, so that the campaign's effect can be measured."),
    )
    send_at = models.DateTimeField(
        _("send at"), null=True, blank=True, help_text=_("Empty: as soon as it is approved.")
    )
    budget = MoneyField(_("budget"), default=Decimal(0))
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(
        _("version"), default=1, help_text=_("Rises with each edit: an approval names the version it saw.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = staff_key(_("created by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = staff_key(_("submitted by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = staff_key(_("decided by"))
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
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="campaign_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "sending", "sent"]) | Q(decided_by__isnull=False),
                name="campaign_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(holdout_percent__lte=50), name="campaign_holdout_at_most_half"
            ),
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
        return self.filter(
            state__in=[Delivery.State.QUEUED, Delivery.State.LEASED, Delivery.State.ATTEMPTING]
        )

    def stop(self, campaign: Campaign) -> int:
        """Make sure that what has not been handed over never is; returns how many."""
        return self.filter(
            campaign=campaign, state__in=[Delivery.State.QUEUED, Delivery.State.LEASED]
        ).update(
            state=Delivery.State.SUPPRESSED,
            reason=gettext_noop("the campaign was cancelled"),
            leased_until=None,
        )


class Delivery(models.Model):
    """One message to one customer: the outbox. `attempting` is committed before the provider is called, so
    that a row found in `leased` was certainly not sent and a row found in `attempting` may have been (it
    becomes `unknown`)."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("delivery", "waiting")
        LEASED = "leased", pgettext_lazy("delivery", "taken")
        ATTEMPTING = "attempting", pgettext_lazy("delivery", "being sent")
        SENT = "sent", pgettext_lazy("delivery", "sent")
        FAILED = "failed", pgettext_lazy("delivery", "failed")
        SUPPRESSED = "suppressed", pgettext_lazy("delivery", "not sent")
        UNKNOWN = "unknown", pgettext_lazy("delivery", "unknown")
        HELD_OUT = "held_out", pgettext_lazy("delivery", "holdout")

    HOLD = timedelta(
        seconds=30
    )  # on what is only taken; its holder renews it, and who comes late cannot send: it may be short
    LEASE = timedelta(minutes=2)  # for each attempt; above what SMTP time-outs can add up to
    RING = timedelta(
        seconds=30
    )  # how often beat rings: so long after a lease has ended somebody notices at the latest

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="deliveries", verbose_name=_("campaign"), db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="deliveries", verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    step = models.PositiveSmallIntegerField(default=0)
    address_hash = models.CharField(
        max_length=64,
        blank=True,
        help_text="SHA-256 of the address: one message to an address, also when two customers share it. Empty where the row "
        "was never to be sent to an address of its own.",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(
        _("reason"), max_length=120, blank=True, help_text="An untranslated message id."
    )
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
                fields=["campaign", "step", "channel", "address_hash"],
                name="delivery_once_per_address",
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
