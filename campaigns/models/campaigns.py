"""Campaigns: who gets which message, when and for how much."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.staff import staff_key
from campaigns.models.messages import Message
from delivery.models import SourceKey
from segments.models import Segment
from shop.models import Channel, CurrencyField, MoneyField


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

    SOURCE = "campaign"  # its name in settings.DELIVERY_SOURCES

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=_("segment"))
    message = models.ForeignKey(Message, models.PROTECT, related_name="+", verbose_name=_("message"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    products_per_message = models.PositiveSmallIntegerField(_("products in each message"), default=3)
    holdout_percent = models.PositiveSmallIntegerField(
        _("holdout (%)"),
        default=5,
        help_text=_("This share gets nothing, so that the lift can be measured."),
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
    authors: Any = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="Ids of the staff who wrote any part of it: none of them decides.",
    )
    terms: Any = models.JSONField(
        default=dict,
        blank=True,
        help_text="What was submitted or approved: see actions/terms.py.",
    )
    look_again: Any = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text="Which parts of `terms` changed after it was submitted or approved.",
    )
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

    @property
    def source(self) -> SourceKey:
        """What its deliveries name as their source; the campaign is saved."""
        return SourceKey(self.SOURCE, self.pk)

    @property
    def is_later(self) -> bool:
        """Whether its time to send is still to come."""
        return self.send_at is not None and self.send_at > timezone.now()
