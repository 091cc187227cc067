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
    """How many customers with a paid order there are, counted up to `most`."""
    paid = Order.objects.filter(status=Order.Status.PAID, customer__isnull=False)
    return paid.order_by().values("customer").distinct()[:most].count()


def free_topic(title: str) -> str:
    """An address for a new question; "customers" where the title has no Latin letters."""
    stem = slugify(title)[:14].strip("-") or "customers"
    taken = {
        topic
        for model in (GroupingPlan, LearnedPlan)
        for topic in model.objects.values_list("topic", flat=True)
    }
    return next(topic for topic in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if topic not in taken)


def expect_free_title(question: GroupingPlan | LearnedPlan) -> None:
    """Raises Refused when another question in use has the title, whatever the case of the letters: their
    groups would be called alike. A learned segment is called as its question is, so no other segment may
    be."""
    for model in (GroupingPlan, LearnedPlan):
        if model.objects.filter(active=True, title__iexact=question.title).exists():
            raise Refused(
                _("“%s” is the name of another grouping or learned segment: choose another name.")
                % question.title,
                field="title",
            )
    if isinstance(question, LearnedPlan):
        expect_free_name(question.title, field="title")


@transaction.atomic
def save_plan(question: GroupingPlan | LearnedPlan, *, by: User, verb: str, **details: Any) -> None:
    """Save a new question and say so in the audit trail."""
    require(by, PERMISSION)
    question.title = clean_title(question.title)
    expect_free_title(question)
    question.topic = free_topic(question.title)
    question.created_by = by
    question.save()
    record(by=by, verb=verb, about=question, **details)


@transaction.atomic
def withdraw(question: GroupingPlan | LearnedPlan, *, by: User, verb: str) -> None:
    """Stop asking: the groups leave the gallery, their runs and history stay."""
    require(by, PERMISSION)
    question.active = False
    question.save(update_fields=["active"])
    SegmentRun.objects.filter(topic=question.topic).withdraw()
    record(by=by, verb=verb, about=question)


def run_each(questions: list[Any], ask: Callable[[Any], Any]) -> dict[str, str]:
    """Ask one after the other; what one refuses does not keep the next from its turn. {name: what became of
    it}."""
    outcomes = {}
    for question in questions:
        try:
            ask(question)
            outcomes[str(question)] = _("done")
        except Refused as refusal:
            outcomes[str(question)] = refusal.message
    return outcomes
