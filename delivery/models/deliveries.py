"""The outbox: one row for each message to each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shop.models import Channel, Customer


@dataclass(frozen=True)
class SourceKey:
    """Which thing a delivery was written for. `type` is a name of settings.DELIVERY_SOURCES ("campaign");
    `id` is the key of a row of that type."""

    type: str
    id: int


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of(self, source: SourceKey) -> DeliveryQuerySet:
        """The deliveries of one source."""
        return self.filter(source_type=source.type, source_id=source.id)

    def due(self) -> DeliveryQuerySet:
        """Waiting, and not postponed."""
        return self.filter(state=Delivery.State.QUEUED).filter(
            Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())
        )

    def unfinished(self) -> DeliveryQuerySet:
        """Neither handed over nor given up."""
        return self.filter(
            state__in=[Delivery.State.QUEUED, Delivery.State.LEASED, Delivery.State.ATTEMPTING]
        )


class Delivery(models.Model):
    """One message to one customer.

    `attempting` is committed before the provider is called, so that a row found in `leased` was certainly not
    sent and a row found in `attempting` may have been (it becomes `unknown`).
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("delivery", "waiting")
        LEASED = "leased", pgettext_lazy("delivery", "about to be sent")
        ATTEMPTING = "attempting", pgettext_lazy("delivery", "being sent")
        SENT = "sent", pgettext_lazy("delivery", "sent")
        FAILED = "failed", pgettext_lazy("delivery", "failed")
        SUPPRESSED = "suppressed", pgettext_lazy("delivery", "not sent")
        UNKNOWN = "unknown", pgettext_lazy("delivery", "unconfirmed")
        HELD_OUT = "held_out", pgettext_lazy("delivery", "holdout")

    HOLD = timedelta(
        seconds=30
    )  # a lease that its holder renews; who comes late cannot send: it may be short
    LEASE = timedelta(minutes=2)  # for each attempt; above what SMTP time-outs can add up to
    SWEEP_EVERY = timedelta(seconds=30)  # the end of a lease is noticed at most so much later

    source_type = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    source_name = models.CharField(
        _("sent for"), max_length=200, blank=True, help_text="How staff know the source."
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="deliveries", verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    step = models.PositiveSmallIntegerField(default=0)
    address_hash = models.CharField(
        max_length=64,
        blank=True,
        help_text="SHA-256 of the address: one message to an address, also when two customers share it. "
        "Empty where the row was never to be sent to an address of its own.",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(
        _("reason"), max_length=120, blank=True, help_text="An untranslated message id."
    )
    lease = models.BigIntegerField(default=0, help_text="Rises with each lease; a stale holder cannot write.")
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True)
    product_ids: Any = models.JSONField(default=list, help_text="The products that the message showed.")
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)  # when the provider was last called for it

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "step", "channel", "customer"], name="delivery_once"
            ),
            models.UniqueConstraint(
                fields=["source_type", "source_id", "step", "channel", "address_hash"],
                name="delivery_once_per_address",
                condition=~Q(address_hash=""),
            ),
        ]
        indexes = [models.Index(fields=["source_type", "source_id", "state"], name="delivery_by_state")]

    def __str__(self) -> str:
        return f"{self.source_name} -> {self.customer_id}"

    @property
    def source(self) -> SourceKey:
        return SourceKey(self.source_type, self.source_id)

    @property
    def reason_text(self) -> str:
        """Why it was not sent, in the reader's language; empty where it was."""
        return gettext(self.reason) if self.reason else ""
