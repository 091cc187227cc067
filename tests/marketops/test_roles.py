from __future__ import annotations

from django.contrib.auth.models import Group, Permission

from marketops.roles import ROLES, ensure_roles


def test_roles_follow_the_code(roles):
    marketer = Group.objects.get(name="marketer")
    marketer.permissions.add(Permission.objects.get(codename="approve_campaign"))
    ensure_roles()
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == {
        name: len(set(permissions)) for name, permissions in ROLES.items()
    }


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
