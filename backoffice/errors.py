"""The exception for a request that cannot be done: doors show its sentence to the person."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from backoffice.models import User


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """A request that cannot be done. The message is one translated sentence that names the remedy.

    `field` names the input at fault, so that a form or the API can show the sentence beside it.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def require(by: User, permission: str) -> None:
    """Raise PermissionDenied unless `by` holds `permission` ("app.codename"). Every action that changes
    something starts so."""
    if not by.has_perm(permission):
        raise PermissionDenied(
            _("Your role does not allow this: ask an administrator for the right “%s”.") % permission
        )
