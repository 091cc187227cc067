"""Fields of requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class MomentField(serializers.DateTimeField):
    """A moment in UTC. What is sent names its zone: 02:30 without one was taken for a time of the shop's."""

    default_error_messages = {
        "zone": _("Name the time zone, for example 2026-11-20T09:30:00Z or 2026-11-20T10:30:00+01:00."),
        "bounds": _("From the year 1900 to 2199."),
    }

    def __init__(self, **keywords: Any) -> None:
        super().__init__(default_timezone=UTC, **keywords)

    def to_internal_value(self, value: Any) -> datetime:
        try:
            sent = parse_datetime(value) if isinstance(value, str) else value
        except ValueError:
            sent = None  # the framework says what a time looks like
        if isinstance(sent, datetime) and sent.tzinfo is None:
            self.fail("zone")
        moment = super().to_internal_value(value)
        if not EARLIEST <= moment < LATEST:
            self.fail("bounds")
        return moment


class MomentsModelSerializer(serializers.ModelSerializer[Any]):
    """A serializer of a model whose times are sent with their zone."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: MomentField,
    }
