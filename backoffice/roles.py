"""The four roles. What each may do is declared by the apps (`frame.py`); staff may be given several roles."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_noop

from backoffice.declarations import frames

ROLES = [  # the names are stored as they stand here and translated where they are shown
    gettext_noop("analyst"),
    gettext_noop("marketer"),
    gettext_noop("approver"),
    gettext_noop("administrator"),
]


def permissions_of(role: str) -> set[str]:
    """The permissions ("app.codename") that the apps give to `role`."""
    found: set[str] = set()
    for declared in (frame.permissions for frame in frames()):
        found.update(declared.everybody)
        if role in {"marketer", "administrator"}:
            found.update(declared.marketer)
        if role == "approver":
            found.update(declared.approver)
        if role == "administrator":
            found.update(declared.administrator)
    return found


@transaction.atomic
def ensure_roles() -> None:
    """Make the role groups match the declarations. Raises Permission.DoesNotExist for a permission that no
    model has."""
    known = {
        f"{app}.{codename}": key
        for key, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for role in ROLES:
        wanted = permissions_of(role)
        if missing := wanted - known.keys():
            raise Permission.DoesNotExist(", ".join(sorted(missing)))
        group, _new = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in wanted])
