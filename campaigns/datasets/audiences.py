"""Who a campaign reaches, who is left out and why: one definition for the page, the approval and the
delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CharField, F, Func, Value

from campaigns.datasets.names import BLANK_NAME
from campaigns.models import Campaign
from delivery.datasets.checks import CAP_COUNT, NO_ADDRESS, NO_CONSENT, SAME_ADDRESS, TOO_OFTEN, with_checks
from shop.models import Customer

LEFT_OUT = [NO_CONSENT, NO_ADDRESS, TOO_OFTEN, SAME_ADDRESS]
HOLDOUT = "holdout"
REACHED = ""
FIELD_COLUMNS = {"first_name": "c.first_name", "last_name": "c.last_name"}


@dataclass(frozen=True)
class Audience:
    """Numbers of people: `members` = `reached` + `held_out` + all of `left_out` (reason -> people)."""

    members: int
    reached: int
    held_out: int
    left_out: dict[str, int]

    @property
    def total_left_out(self) -> int:
        return sum(self.left_out.values()) + self.held_out

    @property
    def mended_by_import(self) -> list[str]:
        """The reasons that a list of customers with addresses and consent would take away."""
        return [reason for reason in (NO_CONSENT, NO_ADDRESS) if self.left_out.get(reason)]


class HoldoutHash(Func):
    """A number for each (campaign, customer) that looks random and stays: a salted MD5."""

    template = "md5(%(expressions)s::text)"
    arg_joiner = "::text || ':' || "
    output_field = CharField()


def audience_sql(campaign: Campaign) -> tuple[str, list[Any]]:
    """A SELECT of (customer_id, address_hash, outcome), one row a member; outcome is REACHED, HOLDOUT or a
    reason of LEFT_OUT.

    One person of several who share an address is kept: the one with the lowest id. The holdout is drawn among
    those who would otherwise be reached: they stand in the order of a hash salted with the campaign, and the
    first `holdout_percent` of them are held out, exact to one person and never everybody. The order stays the
    same however often it is computed.
    """
    source = campaign.source if campaign.pk else None
    people = with_checks(campaign.segment.members(), channel=campaign.channel, source=source)
    rows = people.values(
        "hash",
        "agreed",
        "addressed",
        "lately",
        customer_id=F("pk"),
        draw=HoldoutHash(Value(str(campaign.public_id)), F("pk")),
    )
    sql, parameters = rows.query.sql_with_params()
    return (
        f"""
        SELECT customer_id,
               CASE WHEN outcome IN (%s, %s) THEN hash ELSE '' END AS address_hash,
               outcome
        FROM (SELECT customer_id, hash,
                     CASE WHEN why <> '' THEN why
                          WHEN row_number() OVER drawn
                               <= least(round(count(*) OVER fit * %s / 100.0), count(*) OVER fit - 1)
                          THEN %s ELSE %s END AS outcome
              FROM (SELECT *, CASE WHEN NOT agreed THEN %s WHEN NOT addressed THEN %s
                                   WHEN lately >= %s THEN %s WHEN place > 1 THEN %s ELSE '' END AS why
                    FROM (SELECT *, row_number() OVER (PARTITION BY hash,
                                                                    agreed AND addressed AND lately < %s
                                                       ORDER BY customer_id) AS place
                          FROM ({sql}) AS member) AS ranked) AS judged
              WINDOW fit AS (PARTITION BY why), drawn AS (PARTITION BY why ORDER BY draw, customer_id)
             ) AS resolved
        """,  # noqa: S608 - the inner statement is the ORM's own, every value is a parameter
        [
            REACHED,
            HOLDOUT,
            campaign.holdout_percent,
            HOLDOUT,
            REACHED,
            NO_CONSENT,
            NO_ADDRESS,
            CAP_COUNT,
            TOO_OFTEN,
            SAME_ADDRESS,
            CAP_COUNT,
            *parameters,
        ],
    )


def audience(campaign: Campaign) -> Audience:
    """Count the campaign's audience as of now; the campaign need not be saved. One statement."""
    sql, parameters = audience_sql(campaign)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT outcome, count(*) FROM ({sql}) AS people GROUP BY 1",  # noqa: S608 - `audience_sql`'s
            parameters,
        )
        people = dict(cursor.fetchall())
    reached, held_out = people.pop(REACHED, 0), people.pop(HOLDOUT, 0)
    left_out = {reason: people[reason] for reason in LEFT_OUT if reason in people}
    return Audience(reached + held_out + sum(left_out.values()), reached, held_out, left_out)


def recipients(campaign: Campaign, limit: int) -> list[Customer]:
    """The first `limit` people who get it: nobody of the holdout, nobody who is left out."""
    sql, parameters = audience_sql(campaign)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id FROM ({sql}) AS people WHERE outcome = %s "  # noqa: S608 - `audience_sql`'s
            "ORDER BY customer_id LIMIT %s",
            [*parameters, REACHED, limit],
        )
        chosen = [pk for (pk,) in cursor.fetchall()]
    return list(Customer.objects.filter(pk__in=chosen).order_by("pk"))


def lacking(campaign: Campaign, fields: Sequence[str]) -> dict[str, int]:
    """For each of these fields of a customer, how many of those who get it have nothing there, or a word
    for it (see `names`); those with 0 are left out."""
    if not fields:
        return {}
    sql, parameters = audience_sql(campaign)
    counts = ", ".join(f"count(*) FILTER (WHERE {FIELD_COLUMNS[name]} ~* %s)" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM ({sql}) AS people "  # noqa: S608 - FIELD_COLUMNS and `audience_sql`'s
            f"JOIN {Customer._meta.db_table} c ON c.id = people.customer_id WHERE outcome = %s",
            [*([BLANK_NAME] * len(fields)), *parameters, REACHED],
        )
        (row,) = cursor.fetchall()
    return {name: count for name, count in zip(fields, row, strict=True) if count}
