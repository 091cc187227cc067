"""What a member of staff sees where something is refused or missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults

from backoffice.pages import page


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
