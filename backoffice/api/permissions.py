"""Which permission a view of the API asks for."""

from __future__ import annotations

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from backoffice.models import ApiKey, User


def caller(request: Request) -> User:
    """The member of staff behind a call: the owner of the key, or who is logged in."""
    assert isinstance(request.user, User)  # noqa: S101 - views let nobody else in
    return request.user


def key_of(request: Request) -> ApiKey | None:
    """The key that the call came with; None for somebody who is logged in."""
    return request.auth if isinstance(request.auth, ApiKey) else None


class PermittedView:
    """Views for those who hold `permission` ("app.codename"); what changes something is checked by its action
    too. Stands before the framework's view class."""

    permission: str

    def check_permissions(self, request: Request) -> None:
        """Raises PermissionDenied (403) for a caller without the permission."""
        super().check_permissions(request)  # type: ignore[misc]  # the view class that follows has it
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
