"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backoffice.errors import Refused
from backoffice.outages import RETRY_AFTER, is_outage

TYPE = "application/problem+json"
log = logging.getLogger(__name__)


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, which reads problem details and no page."""
    return re.match(r"/(api|v1)(/|$)", request.path_info) is not None


def problem(status: int, title: str, detail: str = "", **more: Any) -> JsonResponse:
    """An error that no view of REST framework answers."""
    body = {"title": title, "status": status, "detail": detail or title, **more}
    return JsonResponse(body, status=status, content_type=TYPE)


def outage() -> JsonResponse:
    """503: the database is away for a moment."""
    response = problem(503, _("Not available"), _("The database is not available: send the request again."))
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def failure(incident: str) -> JsonResponse:
    """500: a fault of ours, which the log tells under the number of the incident."""
    detail = _("Something went wrong on our side. Tell your administrator the number %s.") % incident
    return problem(500, _("Internal error"), detail, incident=incident)


def new_incident() -> str:
    """A number under which staff find an error in the log."""
    return uuid.uuid4().hex[:12]


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as application/problem+json: `title`, `status`, `detail` and, for bad fields, `errors`.

    None for a fault of ours: Django's handler of status 500 answers.
    """
    if isinstance(error, Refused):
        body: dict[str, Any] = {"title": _("Refused"), "status": 422, "detail": error.message}
        if error.field:
            body["errors"] = {error.field: [error.message]}
        return Response(body, status=422, content_type=TYPE)
    error = _as_answer(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    data = response.data
    title = str(getattr(error, "default_detail", response.status_text))
    if "{" in title:  # the pattern of a sentence, which stands filled in in the detail
        title = response.status_text
    body = {"title": title, "status": response.status_code}
    if isinstance(data, dict) and set(data) == {"detail"}:
        body["detail"] = data["detail"]
    else:
        body["detail"] = _("Some fields are not valid.")
        body["errors"] = data
    response.data = body
    response.content_type = TYPE
    return response


def _as_answer(error: Exception) -> Exception:
    """What REST framework knows how to answer, where it is one of ours or of a library."""
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, RecursionError):  # Python's reader of JSON gives up at some thousand levels
        return exceptions.ParseError(_("The JSON is nested too deep."))
    if isinstance(error, DataError):  # fields should have refused it
        incident = new_incident()
        log.error("Incident %s: the database refused a value", incident, exc_info=error)
        return exceptions.ParseError(_("A value is larger or longer than what can be kept."))
    if is_outage(error):
        return Outage()
    return error


class Outage(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = gettext_lazy("Not available")
    wait = RETRY_AFTER  # REST framework makes the header Retry-After of it

    def __init__(self) -> None:
        super().__init__(_("The database is not available: send the request again."))
