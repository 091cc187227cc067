"""Features that staff make of imported attributes, and what each feature is worth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from backoffice.titles import clean_title
from profiles.algorithms.selection import select
from profiles.datasets.features import SHARE, Gap
from profiles.models import CustomFeature, FeatureReview
from profiles.reviews import Verdicts

UNITS = {
    CustomFeature.Kind.NUMBER: "number",
    CustomFeature.Kind.DATE: "days",
    CustomFeature.Kind.CATEGORY: "share",
}
MOST = 40
PERMISSION = "profiles.change_customfeature"


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


@transaction.atomic
def review_features(
    *,
    as_of: datetime,
    keys: list[str],
    values: NDArray[np.float64],
    groups: NDArray[np.int64],
    customers: int,
    never_bought: int,
    gaps: Mapping[str, Gap],
) -> FeatureReview:
    """Judge the features by how customers were grouped just now, and keep the verdicts instead of the earlier
    ones.

    `values`: a sample of customers, n x len(keys), in their own units; `groups`: the group of each. `gaps`:
    of all `customers`, how many have no usable value, as in `DataQuality`.
    """
    people = max(customers, 1)
    coverage = {key: 1 - gap.unknown / people for key, gap in gaps.items()}
    verdicts = select(values, keys, coverage=coverage, labels=groups) if len(values) else []
    FeatureReview.objects.all().delete()
    return FeatureReview.objects.create(
        as_of=as_of,
        customers=customers,
        never_bought=never_bought,
        categories=[key.removeprefix(SHARE) for key in keys if key.startswith(SHARE)],
        verdicts=Verdicts(tuple(verdicts)),
    )
