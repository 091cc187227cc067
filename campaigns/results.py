"""What became of a campaign: messages by state, and what its people bought against those who were held
out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q
from django.utils import timezone

from campaigns.algorithms.effect import Difference, Sums, difference
from campaigns.models import Campaign, Delivery
from shop.models import Order, OrderLine

WINDOW = timedelta(days=7)  # purchases this long after sending began count
FEWEST_PEOPLE, FEWEST_BUYERS = 100, 10  # in each group, before a difference is called anything


@dataclass(frozen=True)
class Group:
    """People assigned to be written to, or held out, and what they bought within WINDOW, net of returns."""

    people: int
    buyers: int
    orders: int
    revenue: Decimal
    squares: float

    @property
    def per_person(self) -> Decimal:
        return self.revenue / self.people if self.people else Decimal(0)

    @property
    def buyer_share(self) -> float:
        return self.buyers / self.people if self.people else 0.0

    @property
    def sums(self) -> Sums:
        return Sums(self.people, float(self.revenue), self.squares)


@dataclass(frozen=True)
class Results:
    """`effect` is revenue a person in the campaign's currency, written-to minus held-out; `extra` the same
    for all written to."""

    written: Group
    held_out: Group
    effect: Difference
    complete: bool  # the window has passed
    enough: bool  # both groups are large enough to tell

    @property
    def extra(self) -> float:
        return self.effect.value * self.written.people

    @property
    def extra_low(self) -> float:
        return self.effect.low * self.written.people

    @property
    def extra_high(self) -> float:
        return self.effect.high * self.written.people

    @property
    def verdict(self) -> str:
        """early, few, more, less or unclear."""
        if not self.complete:
            return "early"
        if not self.enough:
            return "few"
        if self.effect.low > 0:
            return "more"
        return "less" if self.effect.high < 0 else "unclear"


def counts(campaign: Campaign) -> dict[str, int]:
    """People by delivery state, every state present."""
    found = dict(
        Delivery.objects.filter(campaign=campaign).order_by().values_list("state").annotate(Count("pk"))
    )
    return {state: found.get(state, 0) for state in Delivery.State.values}


@dataclass(frozen=True)
class Wait:
    """Messages that are not sent just now, and by when it goes on with them."""

    messages: int
    until: datetime


def waits(campaign: Campaign) -> dict[str, Wait]:
    """Why sending stands still, by kind: `stopped` (taken by a worker that shows no sign of life), `broken`
    (in the hand of such a worker while it called the mail server) and `postponed` (the mail server said
    later). Only the kinds there are."""
    now, state = timezone.now(), Delivery.State
    kinds = {
        "stopped": (Q(state=state.LEASED, leased_until__lt=now + Delivery.HOLD / 3), "leased_until"),
        "broken": (
            Q(state=state.ATTEMPTING, leased_until__lt=now + Delivery.LEASE - Delivery.HOLD),
            "leased_until",
        ),
        "postponed": (Q(state=state.QUEUED, not_before__gt=now), "not_before"),
    }
    asked: dict[str, Any] = {kind: Count("pk", filter=which) for kind, (which, _field) in kinds.items()}
    asked |= {f"{kind}_until": Max(field, filter=which) for kind, (which, field) in kinds.items()}
    found = Delivery.objects.filter(campaign=campaign).aggregate(**asked)
    return {
        kind: Wait(found[kind], max(found[f"{kind}_until"], now) + Delivery.RING)
        for kind in kinds
        if found[kind]
    }


def reasons(campaign: Campaign) -> dict[str, int]:
    """Why people got nothing: reason (an untranslated message id) -> people, most frequent first."""
    states = [Delivery.State.SUPPRESSED, Delivery.State.FAILED]
    rows = (
        Delivery.objects.filter(campaign=campaign, state__in=states)
        .values_list("reason")
        .annotate(n=Count("pk"))
    )
    return dict(rows.order_by("-n"))


def results(campaign: Campaign) -> Results | None:
    """Compare by assignment, not by delivery: failed and unknown messages stay with those written to, so that
    the groups remain alike. None before sending began. Only orders in the campaign's currency."""
    if campaign.started_at is None:
        return None
    orders, lines, deliveries = (model._meta.db_table for model in (Order, OrderLine, Delivery))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT held, count(*), count(*) FILTER (WHERE orders > 0), coalesce(sum(orders), 0), coalesce(sum(revenue), 0),
                   coalesce(sum(revenue * revenue), 0)
            FROM (SELECT d.state = %s AS held, count(DISTINCT o.id) FILTER (WHERE o.status = %s) AS orders,
                         coalesce(sum(l.amount), 0) AS revenue
                  FROM {deliveries} d
                  LEFT JOIN {orders} o ON o.customer_id = d.customer_id AND o.placed_at >= %s AND o.placed_at < %s
                                      AND o.currency = %s AND o.status <> %s
                  LEFT JOIN {lines} l ON l.order_id = o.id
                  WHERE d.campaign_id = %s AND d.state IN (%s, %s, %s, %s)
                  GROUP BY d.id) AS person
            GROUP BY held
            """,  # noqa: S608 - table names come from the models
            [
                Delivery.State.HELD_OUT,
                Order.Status.PAID,
                campaign.started_at,
                campaign.started_at + WINDOW,
                campaign.currency,
                Order.Status.PENDING,
                campaign.pk,
                Delivery.State.SENT,
                Delivery.State.FAILED,
                Delivery.State.UNKNOWN,
                Delivery.State.HELD_OUT,
            ],
        )
        found = {
            held: Group(people, buyers, placed, revenue, float(squares))
            for held, people, buyers, placed, revenue, squares in cursor.fetchall()
        }
    nobody = Group(0, 0, 0, Decimal(0), 0.0)
    written, held_out = found.get(False, nobody), found.get(True, nobody)
    enough = all(
        group.people >= FEWEST_PEOPLE and group.buyers >= FEWEST_BUYERS for group in (written, held_out)
    )
    complete = timezone.now() >= campaign.started_at + WINDOW
    return Results(written, held_out, difference(written.sums, held_out.sums), complete, enough)
