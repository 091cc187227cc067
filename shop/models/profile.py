"""The shop itself: its name."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

DEMO_NAME = "Marketops Demo Shop"


class ShopProfileManager(models.Manager["ShopProfile"]):
    def current(self) -> ShopProfile:
        """The profile; an empty one that is not stored where nobody has filled it in."""
        return self.first() or ShopProfile()

    def rename(self, name: str) -> ShopProfile:
        return self.update_or_create(pk=1, defaults={"name": name})[0]


class ShopProfile(models.Model):
    """One row, or none while nobody has named the shop."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name of the shop"), max_length=100, blank=True)

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
    def shown_name(self) -> str:
        """What customers read: the name, else that of the sender in DEFAULT_FROM_EMAIL, else the sender's
        address."""
        name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return self.name or name or address
