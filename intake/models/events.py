"""Which messages of the events API were taken in."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class EventReceipt(models.Model):
    """The id of a message taken in lately: a repeated delivery is recognised for at least two days."""

    message_id = models.CharField(primary_key=True, max_length=200)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.message_id
