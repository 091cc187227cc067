"""Who a campaign reaches, who is left out and why: one definition for the page, the approval and the
delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Value

from campaigns.models import Campaign
from delivery.datasets.checks import CAP_COUNT, NO_ADDRESS, NO_CONSENT, SAME_ADDRESS, TOO_OFTEN, with_checks

LEFT_OUT = [NO_CONSENT, NO_ADDRESS, TOO_OFTEN, SAME_ADDRESS]
HOLDOUT = "holdout"
REACHED = ""


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


class HoldoutBucket(Func):
    """A stable number from 0 to 9999 for each (campaign, customer): the first 32 bits of a salted MD5."""

    template = "mod(('x' || substr(md5(%(expressions)s::text), 1, 8))::bit(32)::bigint, 10000)"
    arg_joiner = "::text || ':' || "
    output_field = BigIntegerField()


def audience_sql(campaign: Campaign) -> tuple[str, list[Any]]:
    """A SELECT of (customer_id, address_hash, outcome), one row a member; outcome is REACHED, HOLDOUT or a
    reason of LEFT_OUT.

    One person of several who share an address is kept: the one with the lowest id. The holdout is drawn among
    those who would otherwise be reached, by a hash salted with the campaign: it stays the same however often
    it is computed.
    """
    source = campaign.source if campaign.pk else None
    people = with_checks(campaign.segment.members(), channel=campaign.channel, source=source)
    rows = people.values(
        "hash",
        "agreed",
        "addressed",
        "lately",
        customer_id=F("pk"),
        bucket=HoldoutBucket(Value(str(campaign.public_id)), F("pk")),
    )
    sql, parameters = rows.query.sql_with_params()
    return (
        f"""
        SELECT customer_id,
               CASE WHEN agreed AND addressed AND lately < %s AND place = 1 THEN hash ELSE '' END
                   AS address_hash,
               CASE WHEN NOT agreed THEN %s WHEN NOT addressed THEN %s WHEN lately >= %s THEN %s
                    WHEN place > 1 THEN %s WHEN bucket < %s THEN %s ELSE %s END AS outcome
        FROM (SELECT *, row_number() OVER (PARTITION BY hash, agreed AND addressed AND lately < %s
                                           ORDER BY customer_id) AS place
              FROM ({sql}) AS member) AS ranked
        """,  # noqa: S608 - the inner statement is the ORM's own, every value is a parameter
        [
            CAP_COUNT,
            NO_CONSENT,
            NO_ADDRESS,
            CAP_COUNT,
            TOO_OFTEN,
            SAME_ADDRESS,
            campaign.holdout_percent * 100,
            HOLDOUT,
            REACHED,
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
