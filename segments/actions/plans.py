"""What every plan of staff goes through, of a grouping or a learned segment: its name, its topic, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from backoffice.titles import clean_title
from segments.actions.segments import expect_free_name
from segments.models import GroupingPlan, LearnedPlan, SegmentRun
from shop.models import Order

PERMISSION = "segments.change_segment"


def count_buyers(most: int) -> int:
    """How many customers with a purchase there are, counted up to `most`."""
    sales = Order.objects.sales().filter(customer__isnull=False)
    return sales.order_by().values("customer").distinct()[:most].count()


def free_topic(title: str) -> str:
    """An address for a new plan; "customers" where the title has no Latin letters."""
    stem = slugify(title)[:14].strip("-") or "customers"
    taken = {
        topic
        for model in (GroupingPlan, LearnedPlan)
        for topic in model.objects.values_list("topic", flat=True)
    }
    return next(topic for topic in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if topic not in taken)


def expect_free_title(plan: GroupingPlan | LearnedPlan) -> None:
    """Raises Refused when another plan in use has the title, whatever the case of the letters: their groups
    would have the same names. A learned segment has the title of its plan, so no other segment may have
    it."""
    for model in (GroupingPlan, LearnedPlan):
        if model.objects.filter(active=True, title__iexact=plan.title).exists():
            raise Refused(
                _("“%s” is the name of another grouping or learned segment: choose another name.")
                % plan.title,
                field="title",
            )
    if isinstance(plan, LearnedPlan):
        expect_free_name(plan.title, field="title")


@transaction.atomic
def save_plan(plan: GroupingPlan | LearnedPlan, *, by: User, verb: str, **details: Any) -> None:
    """Save a new plan, with an entry in the audit trail."""
    require(by, PERMISSION)
    plan.title = clean_title(plan.title)
    expect_free_title(plan)
    plan.topic = free_topic(plan.title)
    plan.created_by = by
    plan.save()
    record(by=by, verb=verb, about=plan, **details)


@transaction.atomic
def withdraw(plan: GroupingPlan | LearnedPlan, *, by: User, verb: str) -> None:
    """Take it out of use: its groups leave the gallery, their runs and history stay."""
    require(by, PERMISSION)
    plan.active = False
    plan.save(update_fields=["active"])
    SegmentRun.objects.filter(topic=plan.topic).withdraw()
    record(by=by, verb=verb, about=plan)


def run_each(plans: list[Any], run: Callable[[Any], Any]) -> dict[str, str]:
    """Run each plan; one that is refused does not keep the next from its turn. {title: the outcome}."""
    outcomes = {}
    for plan in plans:
        try:
            run(plan)
            outcomes[str(plan)] = _("done")
        except Refused as refusal:
            outcomes[str(plan)] = refusal.message
    return outcomes
