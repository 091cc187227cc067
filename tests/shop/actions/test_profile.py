"""The shop's name: who may set it, and where it is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from backoffice.models import AuditEntry
from delivery.channels.base import Letter
from delivery.channels.email.smtp import as_mail
from shop.actions.demo.removal import remove_demo
from shop.actions.demo.seeding import seed_demo
from shop.actions.profile import change_shop, rename_shop
from shop.calendar import zone
from shop.models import DEMO_NAME, ShopProfile
from tests.factories import ApiKeyFactory, CustomerFactory

pytestmark = pytest.mark.django_db


def shown() -> str:
    return ShopProfile.objects.current().shown_name


def test_the_name_is_one_line_and_audited(ada: Any) -> None:
    rename_shop(by=ada, name=" Nord\r\nBcc: x@example.com  fold ")
    assert shown() == "Nord Bcc: x@example.com fold"
    rename_shop(by=ada, name="Northfold")
    rename_shop(by=ada, name="Northfold")
    assert (
        next(entry.details["name"] for entry in AuditEntry.objects.filter(verb="shop.rename")) == "Northfold"
    )
    assert AuditEntry.objects.filter(verb="shop.rename", by=ada).count() == 2


def test_only_administrators_name_the_shop(mara: Any, ines: Any, as_user: Any) -> None:
    with pytest.raises(PermissionDenied):
        rename_shop(by=mara, name="Mine")
    assert as_user(ines).get("/shop/").status_code == 403


@pytest.mark.parametrize(
    ("sender", "name"), [("shop@example.com", "shop@example.com"), ("Old <shop@example.com>", "Old")]
)
def test_without_a_name_the_sender_is_shown(settings: Any, sender: str, name: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender
    assert shown() == name
    assert not ShopProfile.objects.exists()


def test_the_page(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "shop@example.com" in client.get("/shop/").content.decode()
    client.post("/shop/", {"name": "Ümlaut & Sons", "time_zone": "UTC"})
    assert "Ümlaut &amp; Sons" in client.get("/shop/").content.decode()
    assert client.post("/shop/", {"name": "x" * 101, "time_zone": "UTC"}).status_code == 422
    client.post("/shop/", {"name": "", "time_zone": "UTC"})
    assert shown() == "shop@example.com"


def test_the_api(ada: Any, ines: Any) -> None:
    def call(method: str, owner: Any, **body: Any) -> Any:
        key = ApiKeyFactory(owner=owner).key
        headers = {"Authorization": f"Bearer {key}"}
        return getattr(Client(), method)(
            "/api/v1/shop/", body or None, content_type="application/json", headers=headers
        )

    assert call("put", ada, name="Northfold").json() == {"name": "Northfold", "shown_name": "Northfold"}
    assert call("get", ines).json() == {"name": "Northfold", "shown_name": "Northfold"}
    assert call("put", ines, name="Mine").status_code == 403
    assert call("put", ada, name="x" * 101).status_code == 400
    assert call("put", ada, title="x").json()["errors"].keys() == {"name"}
    assert "/api/v1/shop/" in Client().get("/api/schema/?format=json").json()["paths"]


def test_the_demo_has_a_name_that_goes_with_it(ada: Any) -> None:
    seed_demo(customers=20)
    assert shown() == DEMO_NAME
    remove_demo()
    assert shown() == "shop@example.com"


def test_the_demo_leaves_a_name_of_ones_own_alone(ada: Any) -> None:
    rename_shop(by=ada, name="Northfold")
    seed_demo(customers=20)
    assert shown() == "Northfold"
    remove_demo()
    assert shown() == "Northfold"


def test_the_zone_and_the_sender_hold_from_now_on(ada: Any, mara: Any, as_user: Any) -> None:
    assert zone().key == "UTC"
    answer = as_user(ada).post(
        "/shop/", {"name": "Northfold", "sender": "news@northfold.example", "time_zone": "Asia/Shanghai"}
    )
    assert answer.status_code == 302
    assert zone().key == "Asia/Shanghai"
    page = as_user(mara).get("/customers/").content.decode()
    assert "Times are in the time zone Asia/Shanghai." in page
    letter = Letter(
        id="1", to="a@example.com", subject="s", text="t", html="h", language="en", sender="Northfold"
    )
    assert as_mail(letter).from_email == "Northfold <news@northfold.example>"
    (entry,) = AuditEntry.objects.filter(verb="shop.settle")
    assert entry.details == {"sender": "news@northfold.example", "time_zone": "Asia/Shanghai"}
    assert as_user(ada).post("/shop/", {"name": "x", "time_zone": "Mars/Base"}).status_code == 422


def test_a_new_shop_is_asked(ada: Any, as_user: Any) -> None:
    CustomerFactory()
    assert "Say what your shop is called" in as_user(ada).get("/").content.decode()
    change_shop(by=ada, name="Northfold", sender="", time_zone="UTC")
    assert "Say what your shop is called" not in as_user(ada).get("/").content.decode()
