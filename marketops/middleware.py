"""What every request gets."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone

from shop.calendar import zone


def no_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse addresses with a NUL character: PostgreSQL keeps no such text, so asking it would end in an
    error."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest()
        return get_response(request)

    return middleware


def display_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show times, and read the ones people type, in the shop's zone; the database and the schedule keep
    UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone()):
            return get_response(request)

    return middleware
