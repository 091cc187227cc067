"""Features that staff make of imported attributes."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from segments.actions.asking import PERMISSION, clean_title
from segments.models import CustomFeature

UNITS = {
    CustomFeature.Kind.NUMBER: "number",
    CustomFeature.Kind.DATE: "days",
    CustomFeature.Kind.CATEGORY: "share",
}
MOST = 40


@transaction.atomic
def add_feature(*, attribute: str, kind: str, value: str = "", title: str = "", by: User) -> CustomFeature:
    """Make a feature of an imported attribute; one that was taken out of use comes back. Of a category,
    having `value` counts.

    Raises Refused for an unknown kind, a category without a value, and more than MOST features.
    """
    require(by, PERMISSION)
    if kind not in UNITS:
        raise Refused(_("Choose whether it is a number, a category or a date."), field="kind")
    if kind == CustomFeature.Kind.CATEGORY and not value:
        raise Refused(_("Choose the value that counts."), field="value")
    value = value if kind == CustomFeature.Kind.CATEGORY else ""
    if CustomFeature.objects.filter(active=True).count() >= MOST:
        raise Refused(_("There are %d features of your own already: take one out of use first.") % MOST)
    digest = hashlib.sha256(f"{attribute}\0{kind}\0{value}".encode()).hexdigest()[:12]
    feature, _new = CustomFeature.objects.update_or_create(
        attribute=attribute,
        kind=kind,
        value=value,
        defaults={
            "active": True,
            "title": clean_title(title or (f"{attribute}: {value}" if value else attribute)),
        },
        create_defaults={
            "active": True,
            "title": clean_title(title or (f"{attribute}: {value}" if value else attribute)),
            "key": f"own-{digest}",
            "unit": UNITS[CustomFeature.Kind(kind)],
        },
    )
    record(by=by, verb="feature.add", about=feature, kind=kind)
    return feature


@transaction.atomic
def retire_feature(*, feature: CustomFeature, by: User) -> None:
    """Take a feature out of use: later runs leave it out, earlier ones still name it."""
    require(by, PERMISSION)
    feature.active = False
    feature.save(update_fields=["active"])
    record(by=by, verb="feature.retire", about=feature)
