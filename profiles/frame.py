"""What profiles add to the product."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backoffice.declarations import Frame, PersonalData, RolePermissions
from profiles.models import CountersUpdate, CustomerCounters, CustomFeature, FeatureReview

FRAME = Frame(
    audit={
        "feature.add": gettext_noop("made a feature of an imported attribute"),
        "feature.retire": gettext_noop("took the feature out of use"),
    },
    customer_orderings={"orders": "counters__frequency", "spent": "counters__monetary"},
    permissions=RolePermissions(
        everybody=["profiles.view_customfeature"], marketer=["profiles.change_customfeature"]
    ),
    personal_data=[
        PersonalData(
            CustomerCounters,
            _("Counters of orders and visits"),
            [*CustomerCounters.MOMENTS.values(), *CustomerCounters.COUNTED, "counted_at"],
        ),
    ],
    derived=[CountersUpdate, CustomFeature, FeatureReview],
)
