"""The name that customers read, the address that writes to them, and the shop's time zone."""

from __future__ import annotations

from django.db import transaction

from backoffice.actions import record
from backoffice.errors import require
from backoffice.models import User
from shop.models import ShopProfile


@transaction.atomic
def rename_shop(*, by: User, name: str) -> ShopProfile:
    """Give the shop the name that customers read in its mails; "" is the one in DEFAULT_FROM_EMAIL again.
    Spaces and line breaks become single spaces: the name is in the From header."""
    require(by, "shop.change_shopprofile")
    profile = ShopProfile.objects.current()
    name = " ".join(name.split())
    if name != profile.name:
        profile = ShopProfile.objects.rename(name)
        record(by=by, verb="shop.rename", about=profile, name=name)
    return profile


@transaction.atomic
def change_shop(*, by: User, name: str, sender: str, time_zone: str) -> ShopProfile:
    """Store the shop's name, the address that its mails come from and its time zone; "" is the server's own
    setting again. What changed is audited."""
    profile = rename_shop(by=by, name=name)
    changes = {
        field: value
        for field, value in {"sender": sender, "time_zone": time_zone}.items()
        if value != getattr(profile, field)
    }
    if changes:
        profile = ShopProfile.objects.change(**changes)
        record(by=by, verb="shop.settle", about=profile, **changes)
    return profile
