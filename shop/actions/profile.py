"""The name that customers read."""

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
