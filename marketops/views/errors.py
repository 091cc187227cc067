"""What people and programs see where something is refused, missing, away or broken."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views import defaults

from backoffice.api.problems import failure, is_api, new_incident, outage, problem
from backoffice.outages import RETRY_AFTER, is_outage
from backoffice.pages import page

log = logging.getLogger(__name__)


def broken(request: HttpRequest) -> HttpResponse:
    """500, with a number that stands in the log; 503 where the database or Redis is away for a moment. Both
    pages ask nothing of the database."""
    error = sys.exception()
    if is_outage(error):
        log.warning("Not available: %s", type(error).__name__)
        if is_api(request):
            return outage()
        return _bare_page("503.html", 503, headers={"Retry-After": str(RETRY_AFTER)})
    incident = new_incident()
    log.error(
        "Incident %s: %s", incident, request.resolver_match and request.resolver_match.route, exc_info=True
    )
    if isinstance(error, DataError):  # a value that its form should have refused
        return unreadable(request)
    if is_api(request):
        return failure(incident)
    return _bare_page("500.html", 500, incident=incident)


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or what was sent cannot be read."""
    if is_api(request):
        return problem(400, _("Bad request"), _("The address or a value in it cannot be read."))
    return _bare_page("400.html", 400)


def _bare_page(template: str, status: int, headers: Any = None, **context: Any) -> HttpResponse:
    """A page that needs neither the database nor a session: there may be none."""
    return HttpResponse(get_template(template).render(context), status=status, headers=headers)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403: staff keep the navigation around it, others get the bare page."""
    if not _is_staff(request):
        return defaults.permission_denied(request, exception)
    why = str(exception) or _("Ask an administrator to give you the role that may.")
    return page(request, "refused.html", title=_("Your role does not allow this"), why=why, status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: staff keep the navigation around it, others get the bare page."""
    if not _is_staff(request):
        return defaults.page_not_found(request, exception)
    why = _("It may have been removed, or the link was mistyped.")
    return page(request, "refused.html", title=_("There is nothing at this address"), why=why, status=404)


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)  # none where a middleware before the log-in refused
    return bool(user and user.is_staff)
