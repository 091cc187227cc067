"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backoffice.errors import Refused


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as application/problem+json: `title`, `status`, `detail` and, for bad fields, `errors`."""
    if isinstance(error, Refused):
        body: dict[str, Any] = {"title": _("Refused"), "status": 422, "detail": error.message}
        if error.field:
            body["errors"] = {error.field: [error.message]}
        return Response(body, status=422, content_type="application/problem+json")
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, RecursionError):  # Python's reader of JSON gives up at some thousand levels
        error = exceptions.ParseError(_("The JSON is nested too deep."))
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
    response.content_type = "application/problem+json"
    return response
