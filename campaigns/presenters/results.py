"""What a campaign changed: what its people bought against those who were held out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from campaigns.algorithms.lift import ArmTotals, Lift, absolute_lift
from campaigns.models import Campaign
from delivery.models import Delivery
from shop.models import Order, OrderLine

WINDOW = timedelta(days=7)  # purchases this long after sending began count
FEWEST_PEOPLE, FEWEST_BUYERS = 100, 10  # in each arm, before the lift is stated


@dataclass(frozen=True)
class Arm:
    """People assigned to the message or to the holdout, and what they bought within WINDOW, net of returns.

    revenue: in the campaign's currency; squares: the sum of the squares of each person's revenue.
    """

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
    def totals(self) -> ArmTotals:
        return ArmTotals(self.people, float(self.revenue), self.squares)


@dataclass(frozen=True)
class Results:
    """`lift` is revenue per person in the campaign's currency, treated minus holdout; `incremental_revenue`
    the same for all who were treated."""

    treated: Arm
    held_out: Arm
    lift: Lift
    complete: bool  # the window has passed
    enough: bool  # both arms are large enough

    @property
    def incremental_revenue(self) -> float:
        return self.lift.value * self.treated.people

    @property
    def incremental_low(self) -> float:
        return self.lift.low * self.treated.people

    @property
    def incremental_high(self) -> float:
        return self.lift.high * self.treated.people

    @property
    def verdict(self) -> str:
        """early, few, more, less or unclear."""
        if not self.complete:
            return "early"
        if not self.enough:
            return "few"
        if self.lift.low > 0:
            return "more"
        return "less" if self.lift.high < 0 else "unclear"


def results(campaign: Campaign) -> Results | None:
    """Compare by assignment, not by delivery: failed and unknown messages stay with the treated, so that the
    arms remain alike. None before sending began. Only orders in the campaign's currency."""
    if campaign.started_at is None:
        return None
    orders, lines, deliveries = (model._meta.db_table for model in (Order, OrderLine, Delivery))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT held, count(*), count(*) FILTER (WHERE orders > 0), coalesce(sum(orders), 0),
                   coalesce(sum(revenue), 0), coalesce(sum(revenue * revenue), 0)
            FROM (SELECT d.state = %s AS held, count(DISTINCT o.id) FILTER (WHERE o.status = %s) AS orders,
                         coalesce(sum(l.amount), 0) AS revenue
                  FROM {deliveries} d
                  LEFT JOIN {orders} o ON o.customer_id = d.customer_id
                                      AND o.placed_at >= %s AND o.placed_at < %s
                                      AND o.currency = %s AND o.status <> %s
                  LEFT JOIN {lines} l ON l.order_id = o.id
                  WHERE d.source_type = %s AND d.source_id = %s AND d.state IN (%s, %s, %s, %s)
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
                campaign.source.type,
                campaign.source.id,
                Delivery.State.SENT,
                Delivery.State.FAILED,
                Delivery.State.UNKNOWN,
                Delivery.State.HELD_OUT,
            ],
        )
        found = {
            held: Arm(people, buyers, placed, revenue, float(squares))
            for held, people, buyers, placed, revenue, squares in cursor.fetchall()
        }
    nobody = Arm(0, 0, 0, Decimal(0), 0.0)
    treated, held_out = found.get(False, nobody), found.get(True, nobody)
    enough = all(arm.people >= FEWEST_PEOPLE and arm.buyers >= FEWEST_BUYERS for arm in (treated, held_out))
    complete = timezone.now() >= campaign.started_at + WINDOW
    return Results(treated, held_out, absolute_lift(treated.totals, held_out.totals), complete, enough)
