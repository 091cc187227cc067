"""Appending to the ledger of consents. Known of a person is the newest answer on any record with their
address."""

from __future__ import annotations

from intake.actions.facts.staging import CHANGED_CUSTOMERS, Staged
from intake.importers.policies import ConsentDates

# For each kind of dates: which answers are news, and when they count as given.
NEWS: dict[ConsentDates, tuple[str, str]] = {
    # Each answer belongs to its order: only the very same one is not written again.
    ConsentDates.OF_ORDERS: (
        "NOT EXISTS (SELECT FROM shop_consent same WHERE same.customer_id = stated.customer_id"
        " AND same.channel = stated.channel AND same.purpose = stated.purpose AND same.source = %(source)s"
        " AND same.recorded_at = stated.stated_at AND same.granted = stated.granted)",
        "stated_at",
    ),
    # A yes counts only after an older no that it is known to follow. A no counts unless a later yes is known;
    # dates often lack their hour, so a no of the same day wins. Without a date it was given now.
    ConsentDates.OF_DAYS: (
        "(before IS NULL OR (before <> granted AND CASE WHEN granted THEN stated_at > before_at"
        " ELSE stated_at IS NULL OR stated_at > before_at - interval '1 day' END))"
        " AND (refused_until IS NULL OR stated_at > refused_until)",
        "greatest(least(coalesce(stated_at, now()), now()), CASE WHEN NOT granted THEN before_at END)",
    ),
    # Reported as it happens: whatever differs from the latest answer, and a no that was repeated since: an
    # older yes may still be on its way.
    ConsentDates.EXACT: (
        "before IS DISTINCT FROM granted OR NOT granted AND stated_at > before_at",
        "least(stated_at, now())",  # nobody speaks in the future: a no of today would not end such a yes
    ),
}
APPEND = """
WITH latest AS (
    SELECT DISTINCT ON (speaker.id, known.channel, known.purpose)
           speaker.id AS customer_id, known.channel, known.purpose,
           known.granted AS before, known.recorded_at AS before_at
    FROM {{staged_consent}} JOIN shop_customer AS speaker USING (external_id)
    JOIN shop_customer AS twin ON twin.person = speaker.person
    JOIN shop_consent AS known ON known.customer_id = twin.id
        AND known.channel = staged_consent.channel AND known.purpose = staged_consent.purpose
    ORDER BY speaker.id, known.channel, known.purpose, known.recorded_at DESC, known.granted
), stated AS (
    SELECT shop_customer.id AS customer_id, person, channel, purpose, granted, stated_at
    FROM {{staged_consent}} JOIN shop_customer USING (external_id)
), beside AS (  -- a no that comes with a yes, on another record of the person: its day may lack the hour
    SELECT yes.customer_id, channel, purpose,
           max(coalesce(refusal.stated_at + interval '1 day', now())) AS refused_until
    FROM stated AS yes JOIN stated AS refusal USING (person, channel, purpose)
    WHERE yes.granted AND NOT refusal.granted AND yes.customer_id <> refusal.customer_id GROUP BY 1, 2, 3
)
INSERT INTO shop_consent (customer_id, channel, purpose, granted, source, note, recorded_at)
SELECT customer_id, channel, purpose, granted, %(source)s, %(note)s, {recorded_at}
FROM stated LEFT JOIN latest USING (customer_id, channel, purpose)
    LEFT JOIN beside USING (customer_id, channel, purpose)
WHERE {is_news} ORDER BY customer_id
RETURNING customer_id AS id, false AS is_new
"""


def write_consents(staged: Staged, dates: ConsentDates, *, source: str, note: str = "") -> int:
    """Append the staged answers that are news; returns how many. `source`: one of `Consent.Source`."""
    is_news, recorded_at = NEWS[dates]
    statement = APPEND.format(is_news=is_news, recorded_at=recorded_at)
    return staged.keep(CHANGED_CUSTOMERS, statement, source=source, note=note)
