from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from backoffice import roles as roles_module
from backoffice.declarations import Frame, RolePermissions
from backoffice.roles import ROLES, ensure_roles, permissions_of


def test_roles_follow_the_code(roles):
    marketer = Group.objects.get(name="marketer")
    marketer.permissions.add(Permission.objects.get(codename="approve_campaign"))
    ensure_roles()
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == {
        role: len(permissions_of(role)) for role in ROLES
    }


def test_a_permission_that_no_model_has_is_an_error(db, monkeypatch):
    declared = Frame(permissions=RolePermissions(everybody=["shop.view_nothing"]))
    monkeypatch.setattr(roles_module, "frames", lambda: (declared,))
    with pytest.raises(Permission.DoesNotExist, match=r"shop\.view_nothing"):
        ensure_roles()


def test_nobody_but_the_approver_approves(mara, anton, ada, ines):
    assert [person.has_perm("campaigns.approve_campaign") for person in (mara, anton, ada, ines)] == [
        False,
        True,
        False,
        False,
    ]


def test_the_analyst_only_looks(ines):
    assert all(permission.split(".")[1].startswith("view_") for permission in ines.get_all_permissions())


def test_no_role_edits_roles_or_deletes_people(ada):
    assert not {permission for permission in ada.get_all_permissions() if permission.startswith("auth.")}
    assert not ada.has_perm("backoffice.delete_user")
