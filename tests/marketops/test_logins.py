"""No demo password on a public server, and a pause after repeated wrong ones."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from backoffice.models import ApiKey, AuditEntry, User
from marketops.checks import no_demo_passwords
from marketops.logins import DEMO_PASSWORD, address, refuse_demo_passwords

pytestmark = pytest.mark.django_db

WRONG = "not the password"
RIGHT = "correct horse battery"


def log_in(name: str, password: str, where: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=where).post(
        reverse("admin:login"), {"username": name, "password": password, "next": "/"}
    )


@pytest.fixture
def demo_admin(ada: User) -> User:
    ada.set_password(DEMO_PASSWORD)
    ada.save()
    return ada


def test_a_public_server_refuses_demo_passwords(demo_admin: User, settings: Any) -> None:
    settings.LOCAL = True
    assert log_in("ada", DEMO_PASSWORD).status_code == 302
    refuse_demo_passwords()
    settings.LOCAL = False
    assert log_in("ada", DEMO_PASSWORD).status_code == 200, "the form again"
    with pytest.raises(ImproperlyConfigured, match="ada is still the demo's"):
        refuse_demo_passwords()
    with pytest.raises(CommandError, match="replace_demo_passwords"):
        call_command("bootstrap")
    assert [error.id for error in no_demo_passwords(None)] == ["marketops.E001"]


def test_demo_passwords_are_replaced_by_a_command(demo_admin: User, mara: User, settings: Any) -> None:
    settings.LOCAL = False
    out = io.StringIO()
    key, _secret = ApiKey.objects.create_key(name="tool", owner=demo_admin)
    call_command("replace_demo_passwords", stdout=out)
    key.refresh_from_db()
    assert key.revoked
    name, new = out.getvalue().split()[:2]
    assert name == "ada"
    assert "mara" not in out.getvalue()
    assert log_in("ada", new).status_code == 302
    refuse_demo_passwords()
    assert no_demo_passwords(None) == []
    entry = AuditEntry.objects.get(verb="staff.replace_password")
    assert (entry.label, new in str(entry.details)) == ("ada", False)


def test_wrong_passwords_lock_a_name_whether_it_exists_or_not(mara: User) -> None:
    def tried(name: str) -> list[Any]:
        return [log_in(name, WRONG) for _try in range(6)]

    known, unknown = tried("mara"), tried("nobody")
    assert [one.status_code for one in known] == [one.status_code for one in unknown] == [200] * 4 + [429] * 2
    assert known[-1].content == unknown[-1].content
    assert known[-1]["Retry-After"] == "900"
    assert "Wait 15 minutes" in known[-1].text
    assert "no-store" in known[-1]["Cache-Control"]
    assert log_in("mara", RIGHT).status_code == 429, "the right one waits too"
    assert log_in("mara", RIGHT, where="192.0.2.9").status_code == 302, "elsewhere she gets in"


def test_a_right_password_forgets_the_wrong_ones(mara: User) -> None:
    for _time in range(2):
        for _try in range(3):
            log_in("mara", WRONG)
        assert log_in("mara", RIGHT).status_code == 302


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(settings: Any) -> None:
    request = RequestFactory().get(
        "/", HTTP_X_FORWARDED_FOR="203.0.113.7, 198.51.100.4", REMOTE_ADDR="10.0.0.1"
    )
    settings.BEHIND_PROXY = False
    assert address(request) == "10.0.0.1"
    settings.BEHIND_PROXY = True
    assert address(request) == "198.51.100.4"
