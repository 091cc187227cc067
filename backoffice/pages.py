"""The frame of every staff page outside the plain admin lists."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backoffice.models import User

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request whose user is known to be a member of staff (for type checkers; see `staff_page`)."""

    user: User  # type: ignore[assignment]
    htmx: Any


def staff_page(permission: str = "") -> Callable[[View], View]:
    """Let only staff in, and only those who hold `permission` ("app.codename") if one is given."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_staff or (permission and not user.has_perm(permission)):
                raise PermissionDenied(_("Your role may not see this page: ask an administrator."))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def page(request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any) -> HttpResponse:
    """Render `template` (which extends page.html) inside the admin's frame: navigation, language switch, messages."""
    frame = admin.site.each_context(request)
    return render(request, template, {**frame, "title": title, **context}, status=status)
