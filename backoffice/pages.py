"""The frame of every staff page outside the plain admin lists."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.models import User

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request whose user is known to be a member of staff (for type checkers; see `staff_page`)."""

    user: User  # type: ignore[assignment]  # narrower than Django's
    htmx: Any


def staff_page(permission: str = "") -> Callable[[View], View]:
    """Let only staff in, and only those who hold `permission` ("app.codename") if one is given; present
    refusals."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_staff or (permission and not user.has_perm(permission)):
                raise PermissionDenied(_("Your role may not see this page: ask an administrator."))
            try:
                return view(request, *args, **kwargs)
            except Refused as refused:
                return _present(request, refused)

        return guarded

    return decorate


def _present(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal that its view did not put beside a field: the sentence on top of the page before."""
    messages.error(request, refused.message)
    previous = request.headers.get("Referer", "")
    if request.method == "POST" and url_has_allowed_host_and_scheme(
        previous, allowed_hosts={request.get_host()}
    ):
        return redirect(previous)
    return page(request, "page.html", title=_("This is not possible"), status=422)


def page(
    request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Render `template` (which extends page.html) inside the admin's frame: navigation, language switch,
    messages."""
    frame = admin.site.each_context(request)
    return render(request, template, {**frame, "title": title, **context}, status=status)
