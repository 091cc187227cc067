"""A customer's history for reading: orders and visits, newest first, under the day on which they happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Sum

from shop.calendar import day_of
from shop.models import SESSION_GAP, Customer, Event, Order

ENTRIES = 80  # orders and events a page


@dataclass
class Entry:
    """An order, or a visit with its events in the order in which they happened."""

    at: datetime
    order: Order | None = None
    events: list[Event] = field(default_factory=list)


@dataclass
class Timeline:
    days: list[tuple[date, list[Entry]]]
    older: datetime | None  # ask again for what happened before; None at the beginning of the history


def timeline(customer: Customer, before: datetime) -> Timeline:
    """The latest facts before `before`: at most ENTRIES orders and ENTRIES events, both back to the same
    moment."""
    events = list(
        Event.objects.filter(customer=customer, occurred_at__lt=before)
        .select_related("product")
        .order_by("-occurred_at")[:ENTRIES]
    )
    orders = list(
        Order.objects.filter(customer=customer, placed_at__lt=before)
        .annotate(total=Sum("lines__amount"), pieces=Sum("lines__quantity"))
        .order_by("-placed_at")[:ENTRIES]
    )
    full = [event.occurred_at for event in events[ENTRIES - 1 :]] + [
        order.placed_at for order in orders[ENTRIES - 1 :]
    ]
    cut = max(
        full, default=None
    )  # a list that was cut off reaches back to here, so the other must stop here too
    if cut:
        events = [event for event in events if event.occurred_at >= cut]
        orders = [order for order in orders if order.placed_at >= cut]
    entries = _visits(events) + [Entry(order.placed_at, order=order) for order in orders]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    days = [(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: day_of(entry.at))]
    return Timeline(days, cut)


def _visits(events: list[Event]) -> list[Entry]:
    """Events of one session are one visit. Those without a session id are one as long as each follows the
    last within SESSION_GAP."""
    visits: dict[object, list[Event]] = {}
    last: Event | None = None
    key: object = ""
    for event in reversed(events):
        if not event.session_id:
            if last is None or event.occurred_at - last.occurred_at >= SESSION_GAP:
                key = event.pk
            last = event
        visits.setdefault(event.session_id or key, []).append(event)
    return [Entry(visit[0].occurred_at, events=visit) for visit in visits.values()]
