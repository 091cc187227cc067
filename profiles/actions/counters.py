"""Counting what customers did: everybody once a night, those of whom something arrived within seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from profiles.datasets.features import features_statement
from profiles.models import CountersUpdate, CustomerCounters
from shop.currency import shop_currency

_MOMENTS = {
    column: f"CASE WHEN frequency > 0 THEN %(as_of)s - make_interval(secs => {key} * 86400) END"
    for key, column in CustomerCounters.MOMENTS.items()
}
COUNTED = [*CustomerCounters.COUNTED, *CustomerCounters.MOMENTS]
_COLUMNS = [*CustomerCounters.COUNTED, *_MOMENTS]
# Somebody counted later than this count began is right already.
COUNT = f"""
WITH counted AS (INSERT INTO profiles_customercounters AS known (customer_id, counted_at,
    {", ".join(_COLUMNS)})
SELECT id, %(as_of)s, {", ".join([*CustomerCounters.COUNTED, *_MOMENTS.values()])} FROM ({{features}})
    AS feature
ON CONFLICT (customer_id) DO UPDATE SET (counted_at, {", ".join(_COLUMNS)}) =
    ROW(excluded.counted_at, {", ".join(f"excluded.{name}" for name in _COLUMNS)})
WHERE known.counted_at <= excluded.counted_at RETURNING xmax = 0 AS is_new
) SELECT count(*) FILTER (WHERE is_new) FROM counted
"""  # noqa: S608 - column names of ours
# No row stands for another any more when addresses become one, or for itself when an order lost its customer.
FORGET = "DELETE FROM profiles_customercounters WHERE counted_at < %(as_of)s {among}"
ADDRESSES = "SELECT DISTINCT lower(email) FROM shop_customer WHERE id = ANY(%(ids)s) AND email <> ''"
# Held against an erasure: one that has begun is waited for, so that nobody is counted who is no more. The
# addresses are given as values: where many customers have none, the planner would take a join for a
# comparison of everybody with everybody.
SAME_PERSON = """
SELECT id FROM shop_customer WHERE id = ANY(%(ids)s) OR lower(email) = ANY(%(addresses)s) ORDER BY id
    FOR KEY SHARE
"""


def count_everybody(*, as_of: datetime | None = None) -> int:
    """Fill the counters of all customers from the facts before `as_of` (now); returns how many people there
    are.

    Runs beside incremental counts: whoever is counted later keeps the later figures.
    """
    as_of = as_of or timezone.now()  # our own clock
    currency = shop_currency(as_of)
    with transaction.atomic():
        _count(as_of, currency, None)
        people = CustomerCounters.objects.count()
        CountersUpdate.objects.create(as_of=as_of, currency=currency, customers=people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE profiles_customercounters")
    return people


def count_some(ids: Sequence[int], *, as_of: datetime) -> list[int]:
    """Count these customers again, with everybody who shares an address with one of them; returns all of
    them."""
    with connection.cursor() as cursor:
        cursor.execute(ADDRESSES, {"ids": list(ids)})
        addresses = [address for (address,) in cursor.fetchall()]
        cursor.execute(SAME_PERSON, {"ids": list(ids), "addresses": addresses})
        among = [pk for (pk,) in cursor.fetchall()]
    more = _count(as_of, currency_of_counters(as_of), among)
    if more:  # shares are of everybody there is now, not of those of last night
        newest = CountersUpdate.objects.values("pk")[:1]
        CountersUpdate.objects.filter(pk__in=newest).update(customers=F("customers") + more)
    return among


def currency_of_counters(as_of: datetime) -> str:
    """That of the last full count: asking all orders again for each event would cost seconds."""
    latest = CountersUpdate.objects.values_list("currency", flat=True).first()
    return latest or shop_currency(as_of)


def _count(as_of: datetime, currency: str, among: Sequence[int] | None) -> int:
    """Returns how many people there are more than before."""
    statement, params = features_statement(as_of=as_of, currency=currency, among=among, only=COUNTED)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(features=statement), params)
        ((added,),) = cursor.fetchall()
        cursor.execute(
            FORGET.format(among="" if among is None else "AND customer_id = ANY(%(among)s)"), params
        )
        return int(added - cursor.rowcount)
