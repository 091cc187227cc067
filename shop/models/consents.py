"""What customers answered about being written to and about personalisation."""

from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.audit_keys import AuditKey


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    SMS = "sms", _("text message")
    PUSH = "push", _("push notification")
    ADS = "ads", _("ad audiences")


class Purpose(models.TextChoices):
    MARKETING = "marketing", _("marketing messages")
    PROFILING = "profiling", _("personalisation")


class Consent(models.Model):
    """A customer's answer about one channel and purpose. Append-only: of all records of the person (with one
    address), the answer given last counts, whenever it arrived."""

    class Source(models.TextChoices):
        IMPORT = "import", _("imported")
        FORM = "form", _("form")
        UNSUBSCRIBE = "unsubscribe", _("unsubscribe link")
        STAFF = "staff", _("entered by staff")
        API = "api", _("API")

    customer = models.ForeignKey(
        "shop.Customer", models.CASCADE, related_name="consents", verbose_name=_("customer"), db_index=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.MARKETING)
    granted = models.BooleanField(_("granted"))
    source = models.CharField(_("source"), max_length=12, choices=Source)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(
                fields=["customer", "channel", "purpose", "-recorded_at", "-id"], name="consent_latest"
            ),
            models.Index(
                fields=["customer", "-recorded_at", "-id"],
                include=["granted"],
                condition=Q(purpose="profiling"),
                name="consent_profiling",
            ),
        ]

    def __str__(self) -> str:
        answer = gettext("yes") if self.granted else gettext("no")
        return f"{self.get_channel_display()} · {self.get_purpose_display()} · {answer}"

    @property
    def audit_key(self) -> str:
        """Its name in the audit trail, free of language."""
        return str(AuditKey((self.channel, self.purpose, "yes" if self.granted else "no")))


class Unprofiled(models.Model):
    """A customer whose latest answer on personalisation, on any channel and on any record of the person, is
    no: in no segment, prediction or personal list.

    A view (see the migration). Silence is no objection: nobody needs to ask before a shop counts its own
    sales.
    """

    customer = models.OneToOneField("shop.Customer", models.DO_NOTHING, primary_key=True, related_name="+")

    class Meta:
        managed = False
        db_table = "shop_unprofiled"

    def __str__(self) -> str:
        return f"{self.customer_id}"


def latest_answer(channel: str, purpose: str) -> Subquery:
    """For a query over customers: the latest answer on any record of the person, NULL where there is none. Of
    two of the same moment, as of two records in one file, the no counts."""
    answers = Consent.objects.filter(customer__person=OuterRef("person"), channel=channel, purpose=purpose)
    return Subquery(answers.order_by("-recorded_at", "granted", "-pk").values("granted")[:1])
