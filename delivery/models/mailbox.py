"""What the demo's mail server kept instead of passing it on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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
