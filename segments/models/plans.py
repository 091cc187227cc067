"""What staff set up to be refreshed every night."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """A way of finding segments that somebody set up. Its runs are published under its topic."""

    title = models.CharField(_("name"), max_length=60)
    topic = models.SlugField(max_length=30, unique=True)
    active = models.BooleanField(_("refreshed every night"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title
