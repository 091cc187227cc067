"""Logging in: no demo password on a public server, and a pause after repeated wrong ones.

The pauses are django-axes': after WRONG_AT_MOST wrong passwords for one name from one address, that name
waits there, whether it exists or not.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backoffice.models import User

DEMO_STAFF = {"marketer": "marketer", "approver": "approver", "admin": "administrator", "analyst": "analyst"}
DEMO_PASSWORD = "demo"  # noqa: S105 - printed at every start; exists on local installations only
REMEDY = (
    "Give them passwords of their own: `.venv/bin/python manage.py replace_demo_passwords` makes and prints "
    "new ones, `.venv/bin/python manage.py changepassword NAME` asks for one."
)
logger = logging.getLogger(__name__)


class StaffBackend(ModelBackend):
    """Django's own, which lets nobody in by a demo password where others can reach the server."""

    def authenticate(
        self, request: HttpRequest | None, username: Any = None, password: Any = None, **others: Any
    ) -> Any:
        user = super().authenticate(request, username=username, password=password, **others)
        if user is not None and password == DEMO_PASSWORD and not settings.LOCAL:
            logger.warning("A login with a demo password was refused. %s", REMEDY)
            return None
        return user


def with_demo_password() -> list[User]:
    """The active accounts whose password is the demo's. Hashes each of them: for a start or a command."""
    active = User.objects.filter(is_active=True).order_by("username")
    return [user for user in active if check_password(DEMO_PASSWORD, user.password)]


def demo_password_error() -> str:
    """Why a public server must not start, with the remedy; empty when it may."""
    names = [user.username for user in with_demo_password()]
    if not names:
        return ""
    return f"The password of {', '.join(names)} is still the demo's: everybody knows it. {REMEDY}"


def refuse_demo_passwords() -> None:
    """Raise ImproperlyConfigured on a public server whose staff have demo passwords. Without a database to
    ask it starts: nobody can log in by them anyway (`StaffBackend`)."""
    if settings.LOCAL:
        return
    try:
        error = demo_password_error()
    except DatabaseError:
        logger.warning("The database does not answer: the passwords of the staff were not looked at.")
        return
    if error:
        raise ImproperlyConfigured(error)


def locked(request: HttpRequest, *answer_and_credentials: Any) -> HttpResponse:
    """What a name that was tried too often reads: the same whether it exists or not."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def address(request: HttpRequest) -> str:
    """Where a request comes from. Behind a proxy, what the proxy itself added last."""
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return passed.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR") or "")
