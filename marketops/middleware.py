"""What every request gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from backoffice.api.problems import TYPE, is_api, problem
from backoffice.readers import answering
from backoffice.text import is_storable
from marketops.views import errors
from shop.calendar import zone

Answer = Callable[[HttpRequest], HttpResponse]

LONGEST_NUMBER = 100  # digits; Python refuses to read thousands, and nothing of ours has that many
ENDLESS_NUMBER = re.compile(rf"\d{{{LONGEST_NUMBER + 1}}}")


def kept_by_nobody(get_response: Answer) -> Answer:
    """Tell browsers and proxies to keep no copy of any answer: pages, exports and the API show what only
    their reader may see. Static files are everybody's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path_info.startswith(settings.STATIC_URL):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware


def problems_for_programs(get_response: Answer) -> Answer:
    """Under /api/ and /v1/ an error is a problem detail, whoever made it: Django's own answers are pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or not is_api(request) or response.get("Content-Type") == TYPE:
            return response
        answer: HttpResponse = problem(response.status_code, response.reason_phrase)
        for name in ("Allow", "WWW-Authenticate", "Retry-After"):
            if name in response:
                answer[name] = response[name]
        return answer

    return middleware


class ReadableInput:
    """Refuse what nothing can be done with before any view sees it: NUL or half a character in an address or
    a form (PostgreSQL keeps no such text), numbers of hundreds of digits (Python reads none)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _readable(request.path_info) or not all(
            _readable(text) for name, values in request.GET.lists() for text in (name, *values)
        ):
            return errors.unreadable(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Forms, once the check against forgery has read them; what programs send has a parser of its own."""
        if request.method == "POST" and not is_api(request):
            for name, values in request.POST.lists():
                if not all(is_storable(text) for text in (name, *values)):
                    return errors.unreadable(request)
        return None


def _readable(text: str) -> bool:
    return is_storable(text) and not ENDLESS_NUMBER.search(text)


def reader(get_response: Answer) -> Answer:
    """What the answer shows of customers depends on who reads it (`backoffice.readers`)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with answering(request):
            return get_response(request)

    return middleware


def display_time_zone(get_response: Answer) -> Answer:
    """Show times, and read the ones people type, in the shop's zone; the database and the schedule keep
    UTC, and so does the API."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(UTC if is_api(request) else zone()):
            return get_response(request)

    return middleware
