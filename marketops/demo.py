"""Leaving the demo: away with the invented facts and with everything that was derived from them."""

from __future__ import annotations

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from ads.models import BudgetPlan, Placement
from backoffice.errors import Refused, require
from backoffice.models import JobRun, User
from campaigns.models import Campaign, MailboxMessage
from recommendations.models import AssociationRun, RecommendationRun
from segments.models import (
    CountersRun,
    CustomFeature,
    GroupingPlan,
    Learner,
    PredictionRun,
    Segment,
    SegmentRun,
)
from shop.actions.demo import remove_demo

# Each takes along what points at it. Messages that staff wrote, staff, keys and the audit trail stay.
DERIVED: list[type[models.Model]] = [
    SegmentRun,
    Segment,
    PredictionRun,
    AssociationRun,
    CountersRun,
    GroupingPlan,
    Learner,
    CustomFeature,
    RecommendationRun,
    Campaign,
    BudgetPlan,
    Placement,
    MailboxMessage,
]


def empty_demo(*, by: User) -> None:
    """Empty a demo shop, so that a shop of one's own can move in. Raises Refused when any of the data is
    real, or while a job is at work on them."""
    require(by, "intake.import_orders")
    if JobRun.objects.active().exists():
        raise Refused(
            _("A job is at work on the demo shop: wait until it has ended, or cancel it under System > Jobs.")
        )
    with transaction.atomic():
        remove_demo(by=by)
        with connection.cursor() as cursor:
            # Numbers go on: the audit trail stays, and must not speak of another object by the same number.
            cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in DERIVED)} CASCADE")
        JobRun.objects.exclude(name__startswith="shop.").exclude(
            name__startswith="intake."
        ).delete()  # they computed what is gone
