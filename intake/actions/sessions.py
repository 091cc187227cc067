"""Which session an event belongs to, where its sender names none."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from intake.importers.events import IncomingMessage
from shop.models import SESSION_GAP, Event

# What a visitor does. An order may be reported by a server: that is no session.
BROWSED = {
    Event.Kind.VIEW,
    Event.Kind.CART,
    Event.Kind.FAVOURITE,
    Event.Kind.SEARCH,
    Event.Kind.CHECKOUT,
    Event.Kind.AD_CLICK,
    Event.Kind.SHARE,
    Event.Kind.PAGE,
}
LATEST = """
SELECT who.visitor, latest.session_id, latest.occurred_at
FROM jsonb_to_recordset(%s) AS who (visitor text, customer bigint, at timestamptz)
CROSS JOIN LATERAL (
    SELECT session_id, occurred_at FROM shop_event
    WHERE {same} AND occurred_at > who.at - make_interval(secs => %s) AND occurred_at <= who.at
      AND session_id <> ''
    ORDER BY occurred_at DESC LIMIT 1
) AS latest
"""
SAME_CUSTOMER = "customer_id = who.customer"
SAME_VISITOR = "customer_id IS NULL AND anonymous_id = who.visitor"


def sessions_of(messages: Iterable[IncomingMessage], customers: Mapping[str, int]) -> dict[str, str]:
    """Message id -> session id, for events of visitors that name no session: that of the visitor's event less
    than SESSION_GAP before, else a new one. `customers`: message id -> customer's pk, of known visitors. What
    arrives late begins a visit of its own."""
    nameless: dict[tuple[int | None, str], list[IncomingMessage]] = defaultdict(list)
    for message in messages:
        if message.kind in BROWSED and not message.session_id:
            customer = customers.get(message.id)
            nameless[customer, "" if customer else message.anonymous_id].append(message)
    found: dict[str, str] = {}
    latest = _latest({who: min(message.at for message in theirs) for who, theirs in nameless.items()})
    for who, theirs in nameless.items():
        session, before = latest.get(who, ("", None))
        for message in sorted(theirs, key=lambda message: message.at):
            if before is None or message.at - before >= SESSION_GAP:
                session = _new(who, message.at)
            found[message.id], before = session, message.at
    return found


def _new(who: tuple[int | None, str], at: datetime) -> str:
    return "visit-" + hashlib.sha256(f"{who}{at.isoformat()}".encode()).hexdigest()[:24]


def _latest(
    first: Mapping[tuple[int | None, str], datetime],
) -> dict[tuple[int | None, str], tuple[str, datetime]]:
    """Of each visitor the session that goes on at that time."""
    found: dict[tuple[int | None, str], tuple[str, datetime]] = {}
    for same, known in ((SAME_CUSTOMER, True), (SAME_VISITOR, False)):
        visitors = [who for who in first if bool(who[0]) is known]
        if not visitors:
            continue
        rows = [{"visitor": who[1] or str(who[0]), "customer": who[0], "at": first[who]} for who in visitors]
        with connection.cursor() as cursor:
            cursor.execute(
                LATEST.format(same=same),
                [json.dumps(rows, cls=DjangoJSONEncoder), SESSION_GAP.total_seconds()],
            )
            sessions = {visitor: (session, at) for visitor, session, at in cursor.fetchall()}
        found |= {
            who: sessions[who[1] or str(who[0])] for who in visitors if (who[1] or str(who[0])) in sessions
        }
    return found
