"""References to a member of the staff."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


def staff_key(label: Any, **keywords: Any) -> Any:
    """A reference to a member of the staff, who cannot be deleted while it exists."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=label,
        **keywords,
    )
