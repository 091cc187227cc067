from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from backoffice.models import ApiKey, AuditEntry, User

LISTS = ["auditentry", "apikey", "user"]


@pytest.fixture
def superuser(roles):
    return User.objects.create_superuser("root", password="correct horse battery")


def person(user, **changes):
    fields = {
        "username": user.username,
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
    }
    return fields | changes


@pytest.mark.parametrize("name", LISTS)
def test_lists_open_for_the_administrator_only(as_user, ada, mara, name):
    url = reverse(f"admin:backoffice_{name}_changelist")
    assert as_user(ada).get(url).status_code == 200
    assert as_user(mara).get(url).status_code == (200 if name == "auditentry" else 403)


def test_an_account_shows_where_to_set_its_password_and_not_how_it_is_kept(as_user, ada, ines):
    page = as_user(ada).get(reverse("admin:backoffice_user_change", args=[ines.pk])).content.decode()
    address = reverse("admin:auth_user_password_change", args=[ines.pk])
    assert address in page
    assert ines.password.split("$")[1] not in page
    assert "salt" not in page
    assert as_user(ada).get(address).status_code == 200


def test_an_administrator_gives_roles_and_the_trail_knows(as_user, ada, ines):
    approver = Group.objects.get(name="approver")
    url = reverse("admin:backoffice_user_change", args=[ines.pk])
    assert as_user(ada).post(url, person(ines, groups=[approver.pk])).status_code == 302
    assert User.objects.get(pk=ines.pk).has_perm("campaigns.approve_campaign")
    entry = AuditEntry.about(ines).get()
    assert (entry.verb, entry.by, entry.details["roles"]) == ("staff.change", ada, ["approver"])


def test_an_administrator_makes_no_superuser(as_user, ada, ines):
    for somebody in (ines, ada):
        url = reverse("admin:backoffice_user_change", args=[somebody.pk])
        as_user(ada).post(url, person(somebody, is_superuser="on", user_permissions=["1"]))
        after = User.objects.get(pk=somebody.pk)
        assert not after.is_superuser
        assert not after.user_permissions.exists()


def test_an_administrator_does_not_touch_a_superusers_account(as_user, ada, superuser):
    client = as_user(ada)
    assert (
        client.post(
            reverse("admin:backoffice_user_change", args=[superuser.pk]), person(superuser)
        ).status_code
        == 403
    )
    password = reverse("admin:auth_user_password_change", args=[superuser.pk])
    assert (
        client.post(password, {"password1": "taken over 99", "password2": "taken over 99"}).status_code == 403
    )
    assert User.objects.get(pk=superuser.pk).check_password("correct horse battery")


def test_roles_of_the_code_are_not_edited(as_user, ada, superuser):
    role = Group.objects.get(name="marketer")
    url = reverse("admin:auth_group_change", args=[role.pk])
    assert as_user(ada).post(url, {"name": "marketer", "permissions": []}).status_code == 403
    assert as_user(superuser).post(url, {"name": "marketer", "permissions": []}).status_code == 403
    assert role.permissions.exists()


def test_a_new_member_of_staff_can_log_in(as_user, ada, client):
    secret = "quite a long secret 7"
    url = reverse("admin:backoffice_user_add")
    fields = {
        "username": "nina",
        "groups": [Group.objects.get(name="analyst").pk],
        "usable_password": "true",
        "password1": secret,
        "password2": secret,
    }
    assert as_user(ada).post(url, fields).status_code == 302
    assert client.post(reverse("admin:login"), {"username": "nina", "password": secret}).status_code == 302
    assert client.get("/jobs/").status_code == 200


def make_key(client, owner):
    return client.post(
        reverse("admin:backoffice_apikey_add"), {"name": "shop system", "owner": owner.pk}, follow=True
    )


def test_a_key_is_shown_once_and_works(as_user, ada, mara, client):
    answer = make_key(as_user(ada), mara)
    secret = re.search(r"API key is (\S+) -", answer.content.decode())[1]
    key = ApiKey.objects.get()
    assert secret not in key.hashed_key
    assert client.get("/api/schema/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in as_user(ada).get(reverse("admin:backoffice_apikey_changelist")).content.decode()
    assert AuditEntry.about(key).get().details["acts_as"] == "mara"


def test_a_key_needs_an_owner_and_never_a_superuser(as_user, ada, superuser):
    assert as_user(ada).post(reverse("admin:backoffice_apikey_add"), {"name": "nobody"}).status_code == 200
    make_key(as_user(ada), superuser)
    assert not ApiKey.objects.exists()


def test_staff_keep_the_navigation_where_something_is_refused_or_missing(as_user, ines, client):
    inside = as_user(ines)
    refused = (reverse("segments:rule-new"), 403, "Your role may not see this page")
    for url, status, said in (refused, ("/nothing/", 404, "mistyped")):
        answer = inside.get(url)
        assert (answer.status_code, said in answer.text, reverse("segments:gallery") in answer.text) == (
            status,
            True,
            True,
        )
    assert "Back to the home page" in client.get("/nothing/").text
    assert reverse("segments:gallery") not in client.get("/nothing/").text
