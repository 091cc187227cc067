"""What every request gets."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def display_time_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Show times, and read the ones people type, in the shop's zone; the database and the schedule keep UTC."""
    zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone):
            return get_response(request)

    return middleware
