"""Who asked to be erased, as keyed hashes: enough to keep them out, too little to say who they were."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Erased(models.Model):
    """The keyed hash (HMAC-SHA256, in hexadecimal) of an address, a customer number or a visitor's id of
    somebody who was erased."""

    digest = models.CharField(max_length=64, primary_key=True)
    erased_at = models.DateTimeField(_("erased"), default=timezone.now)

    class Meta:
        verbose_name = _("erased person")
        verbose_name_plural = _("erased people")

    def __str__(self) -> str:
        return self.digest[:8]
