"""Keeping counters and members up with what arrives about customers: within seconds, and all of it
nightly."""

from __future__ import annotations

from time import monotonic

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.jobs import Progress, silent
from profiles.actions.counters import count_everybody, count_some
from profiles.models import CountersUpdate
from segments.actions.opt_outs import recount_groups, remove_opted_out
from segments.actions.rules.evaluation import evaluate_all, evaluate_safely, re_evaluate_rules
from segments.actions.rules.locks import hold_members, try_to_catch_up
from segments.actions.rules.order import with_references
from segments.actions.rules.sizes import add_revenue, spending_of, write_missing_sizes, write_sizes
from segments.models import Rule, Segment
from shop.models import CustomerTouched

MANY = 500  # touched at once, as by an import: revenue is added up anew instead of tonight
BATCH = 2_000  # touched customers in one transaction
CATCH_UP_SECONDS = 2.0  # while somebody waits at a page
EVERYBODY = 50_000  # so many touched customers are counted faster by counting all


def recount(*, progress: Progress = silent) -> dict[str, int]:
    """Count everybody anew and evaluate all rules: the nightly truth behind the increments."""
    progress(0, 2, gettext_noop("Counting orders and visits"))
    people = count_everybody()
    return {"people": people} | re_evaluate_rules(every_rule=True, progress=progress)


def catch_up() -> int:
    """Apply what arrived about customers to their counters and to the rules; returns how many customers it
    was about.

    Each batch is one transaction that also deletes its touches: a kill at any moment loses none and applies
    none twice. While another process catches up nothing is done here: it looks once more before it ends.
    """
    customers, many = 0, False
    while (applied := _apply_batch()) or (applied is not None and CustomerTouched.objects.exists()):
        customers, many = customers + applied, many or applied >= MANY
    if many:
        write_sizes()
    return customers


@transaction.atomic
def bring_up_to_date(segment: Segment) -> int:
    """Make a segment's members what its rule says now, and those of the segments it refers to, in the
    caller's transaction: what is read after it is what a page shows from then on. Other kinds of segments
    only lose who was erased or opted out.

    Somebody waits at a page: what arrives meanwhile is left alone, and no new batch begins after
    CATCH_UP_SECONDS. Returns how many customers have news that is still to be counted.
    """
    hold_members()
    newest = CustomerTouched.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    end = monotonic() + CATCH_UP_SECONDS
    while monotonic() < end and CustomerTouched.objects.filter(pk__lte=newest).exists():
        _apply_touched(everybody=not CountersUpdate.objects.exists())
    rule = Rule.objects.filter(segment=segment).first()
    if rule is not None:
        now = timezone.now()
        for needed in with_references(rule):
            evaluate_safely(needed, now=now)
    return CustomerTouched.objects.values("customer").distinct().count()


@transaction.atomic
def _apply_batch() -> int | None:
    """How many customers were caught up with; None when another process is at it."""
    if not try_to_catch_up():
        return None
    hold_members()
    return _apply_touched(everybody=_count_all_at_once())


def _count_all_at_once() -> bool:
    """With so many touched, or when nobody ever was counted (shares need the whole)."""
    touched = CustomerTouched.objects.values("pk")
    return touched[EVERYBODY:].exists() or (touched.exists() and not CountersUpdate.objects.exists())


def _apply_touched(*, everybody: bool) -> int:
    """Take some of the touched customers (or count everybody, which takes all), count them again and evaluate
    all rules for them; returns how many were taken."""
    if everybody:
        taken = CustomerTouched.objects.values("customer").distinct().count()
        CustomerTouched.objects.all().delete()
        count_everybody()
        remove_opted_out(None)
        recount_groups()
        evaluate_all()
        return taken
    touched, among = CustomerTouched.objects.take(BATCH), []
    if touched:
        write_missing_sizes()
        before = spending_of(touched)
        among = count_some(touched, as_of=timezone.now())  # our own clock
        if among:
            evaluate_all(among=among)
            add_revenue(before, spending_of(touched))
    erased = not set(touched) <= set(among)  # and their memberships with them
    if remove_opted_out(among) or erased:
        recount_groups()
    if erased:
        write_sizes()
    return len(touched)
