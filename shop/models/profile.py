"""The shop itself: its name, the address that its mails come from, and its time zone."""

from __future__ import annotations

import time
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models
from django.utils.translation import gettext_lazy as _

DEMO_NAME = "Marketops Demo Shop"
REMEMBERED = 5.0  # seconds: every page and every mail asks


# Until when the profile holds, and the profile.
_remembered: tuple[float, ShopProfile | None] = (0.0, None)


class ShopProfileManager(models.Manager["ShopProfile"]):
    def current(self) -> ShopProfile:
        """The profile; an empty one that is not stored where nobody has filled it in."""
        return self.first() or ShopProfile()

    def remembered(self) -> ShopProfile:
        """The profile as it was REMEMBERED ago at most; while the database is away, as it was before."""
        global _remembered  # noqa: PLW0603 - one shop for each process
        until, profile = _remembered
        if time.monotonic() >= until:
            try:
                profile = self.current()
            except DatabaseError:
                profile = profile or ShopProfile()
            _remembered = (time.monotonic() + REMEMBERED, profile)
        return profile or ShopProfile()

    def change(self, **values: Any) -> ShopProfile:
        """Store fields of the profile, and read it anew from now on."""
        global _remembered  # noqa: PLW0603 - as above
        _remembered = (0.0, None)
        return self.update_or_create(pk=1, defaults=values)[0]

    def rename(self, name: str) -> ShopProfile:
        return self.change(name=name)


class ShopProfile(models.Model):
    """One row, or none while nobody has said anything about the shop. What is blank is as the server's
    settings have it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name of the shop"), max_length=100, blank=True)
    sender = models.EmailField(_("sender's address"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)

    objects = ShopProfileManager()

    class Meta:
        verbose_name = _("shop")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="shopprofile_once")]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def is_named(self) -> bool:
        """Whether customers read a name rather than a bare address."""
        return bool(self.name or parseaddr(settings.DEFAULT_FROM_EMAIL)[0])

    @property
    def sender_address(self) -> str:
        """Where mails come from: the address given here, else that in DEFAULT_FROM_EMAIL."""
        return self.sender or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]

    @property
    def shown_name(self) -> str:
        """What customers read: the name, else that of the sender in DEFAULT_FROM_EMAIL, else the sender's
        address."""
        name, _address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return self.name or name or self.sender_address
