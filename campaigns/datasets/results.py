"""What the people of a campaign bought, by arm: those assigned to the message and the holdout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from campaigns.algorithms.lift import ArmTotals
from campaigns.models import Campaign
from delivery.models import Delivery
from segments.models import Segment
from shop.models import Order, OrderLine

WINDOW = timedelta(days=7)  # purchases this long after sending began count
WINDOWS = 12  # so many of them tell how many buy anyway


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


def arms(campaign: Campaign, began: datetime) -> tuple[Arm, Arm]:
    """Treated and holdout, by assignment, not by delivery: failed and unknown messages stay with the treated,
    so that the arms remain alike. Orders from `began` until WINDOW later, in the campaign's currency. One
    statement."""
    orders, lines, deliveries = (model._meta.db_table for model in (Order, OrderLine, Delivery))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT held, count(*), count(*) FILTER (WHERE orders > 0), coalesce(sum(orders), 0),
                   coalesce(sum(revenue), 0), coalesce(sum(revenue * revenue), 0)
            FROM (SELECT d.state = %s AS held, count(DISTINCT sold.id) AS orders,
                         coalesce(sum(l.amount), 0) AS revenue
                  FROM {deliveries} d
                  LEFT JOIN {orders} o ON o.customer_id = d.customer_id
                                      AND o.placed_at >= %s AND o.placed_at < %s
                                      AND o.currency = %s AND o.status <> %s
                  LEFT JOIN shop_purchase sold ON sold.id = o.id
                  LEFT JOIN {lines} l ON l.order_id = o.id
                  WHERE d.source_type = %s AND d.source_id = %s AND d.state IN (%s, %s, %s, %s)
                  GROUP BY d.id) AS person
            GROUP BY held
            """,  # noqa: S608 - table names come from the models
            [
                Delivery.State.HELD_OUT,
                began,
                began + WINDOW,
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
        by_arm = {
            held: Arm(people, buyers, placed, revenue, float(squares))
            for held, people, buyers, placed, revenue, squares in cursor.fetchall()
        }
    nobody = Arm(0, 0, 0, Decimal(0), 0.0)
    return by_arm.get(False, nobody), by_arm.get(True, nobody)


def buyers_in_a_window(segment: Segment) -> float:
    """The share of the segment's members who buy within WINDOW, 0 to 1: the mean of the latest WINDOWS, the
    last of which ends with the newest purchase."""
    size = segment.members().count()
    newest = Order.objects.sales().order_by("-placed_at").values_list("placed_at", flat=True).first()
    if not size or newest is None:
        return 0.0
    sql, parameters = segment.members().order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(DISTINCT (o.customer_id, floor(extract(epoch FROM %s - o.placed_at) / %s)))
            FROM shop_purchase o
            WHERE o.customer_id IN ({sql}) AND o.placed_at > %s AND o.placed_at <= %s
            """,  # noqa: S608 - the inner statement comes from the models
            [
                newest,
                WINDOW.total_seconds(),
                *parameters,
                newest - WINDOWS * WINDOW,
                newest,
            ],
        )
        ((bought,),) = cursor.fetchall()
    return float(bought) / (WINDOWS * size)
