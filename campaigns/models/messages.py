"""Messages: the texts that campaigns send."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.staff import staff_key


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
    subject = models.CharField(_("subject"), max_length=500)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = staff_key(_("created by"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
