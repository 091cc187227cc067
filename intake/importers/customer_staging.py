"""A list of customers from COPY text to facts: one temporary table, merged in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from intake.importers.staging import LOCK, TABLES
from shop.models import FORGET_MADE_UP, TEST_DOMAIN

TEXTS = ["email", "phone", "first_name", "last_name", "country", "locale"]
CREATE = f"""
DROP TABLE IF EXISTS import_person, import_again, import_merged, import_touched, import_rejected;
CREATE TEMP TABLE import_person (row_number bigint, external_id text, email text, phone text, first_name text, last_name text,
    country text, locale text, since text, consent text, said_at text, attributes jsonb);
CREATE TEMP TABLE import_touched (id bigint);
CREATE TEMP TABLE import_rejected ({TABLES["import_rejected"]});
SET client_connection_check_interval = '2s'; SET enable_nestloop = off
"""
DROP = """
DROP TABLE IF EXISTS import_person, import_again, import_merged, import_touched, import_rejected;
RESET enable_nestloop; RESET client_connection_check_interval
"""
_FIRSTS = ", ".join(
    f"coalesce((array_agg({name} ORDER BY row_number) FILTER (WHERE {name} <> ''))[1], '') AS {name}"
    for name in TEXTS
)
# One row for each customer of the file: of several that speak of the same customer the first that says
# anything counts, and of several words about consent the latest. What is known is remembered as it was. Most
# lists name everybody once: only the others are grouped.
MERGED = f"""
ANALYZE import_person;
CREATE TEMP TABLE import_again AS SELECT * FROM import_person
WHERE external_id IN (SELECT external_id FROM import_person GROUP BY external_id HAVING count(*) > 1);
ANALYZE import_again;
CREATE TEMP TABLE import_merged AS
WITH attribute AS (
    SELECT external_id, jsonb_object_agg(key, value) AS attributes
    FROM (SELECT DISTINCT ON (external_id, key) external_id, key, value
          FROM import_again, jsonb_each(attributes) ORDER BY external_id, key, row_number) AS first GROUP BY external_id
), word AS (
    SELECT DISTINCT ON (external_id) external_id, consent, said_at
    FROM import_again WHERE consent <> '' ORDER BY external_id, nullif(said_at, '')::timestamptz DESC NULLS LAST, row_number DESC
), text AS (
    SELECT external_id, {_FIRSTS}, min(nullif(since, '')::timestamptz) AS since FROM import_again GROUP BY external_id
), said AS (
    SELECT external_id, {", ".join(TEXTS)}, since, coalesce(attribute.attributes, '{{}}') AS attributes, consent, said_at
    FROM text LEFT JOIN attribute USING (external_id) LEFT JOIN word USING (external_id)
    UNION ALL
    SELECT external_id, {", ".join(TEXTS)}, nullif(since, '')::timestamptz, attributes, nullif(consent, ''), said_at
    FROM import_person p WHERE NOT EXISTS (SELECT FROM import_again a WHERE a.external_id = p.external_id)
)
SELECT external_id, {", ".join(f"said.{name}" for name in TEXTS)}, since, said.attributes, consent = 't' AS granted,
       CASE WHEN said_at <> '' THEN least(said_at::timestamptz, now()) END AS said_at, known.id AS known,
       coalesce(known.email, '') AS old_email
FROM said LEFT JOIN shop_customer known USING (external_id);
ANALYZE import_merged
"""  # noqa: S608 - column names of ours

_TEST = f"known.email LIKE '%{TEST_DOMAIN}'"
_FILLED = {
    "email": f"CASE WHEN known.email = '' OR {_TEST} THEN coalesce(nullif(excluded.email, ''), known.email) ELSE known.email END",
    **{
        name: f"coalesce(nullif(known.{name}, ''), excluded.{name})"
        for name in ("phone", "country", "locale")
    },
    **{
        name: f"CASE WHEN known.first_name = '' AND known.last_name = '' THEN excluded.{name} ELSE known.{name} END"
        for name in ("first_name", "last_name")
    },
    "attributes": "excluded.attributes || known.attributes",
}
_REPLACED = {
    **{name: f"coalesce(nullif(excluded.{name}, ''), known.{name})" for name in TEXTS},
    "attributes": "known.attributes || excluded.attributes",
}


def _upsert(values: dict[str, str], since: str) -> str:
    values = {**values, "created_at": since}
    names = ", ".join(values)
    return f"""
WITH changed AS (
    INSERT INTO shop_customer AS known (external_id, {names})
    SELECT external_id, email, phone, country, locale, first_name, last_name, attributes, coalesce(since, 'infinity')
    FROM import_merged ORDER BY external_id
    ON CONFLICT (external_id) DO UPDATE SET ({names}) = ROW({", ".join(values.values())})
    WHERE ({", ".join(f"known.{name}" for name in values)}) IS DISTINCT FROM ({", ".join(values.values())})
    RETURNING id
) INSERT INTO import_touched SELECT id FROM changed;
UPDATE shop_customer SET created_at = now() WHERE created_at = 'infinity'
"""  # noqa: S608 - column names of ours


FILL = _upsert(_FILLED, "least(known.created_at, excluded.created_at)")
REPLACE = _upsert(
    {name: _REPLACED[name] for name in _FILLED},
    "CASE WHEN excluded.created_at = 'infinity' THEN known.created_at ELSE excluded.created_at END",
)

# A yes is written only after an older no that it is known to follow. A no is written unless a later yes is
# known; dates often lack their hour, so a no of the same day wins. Without a date it was said now.
CONSENTS = """
WITH latest AS (
    SELECT m.external_id, c.id, m.granted, m.said_at, word.granted AS before, word.recorded_at
    FROM import_merged m JOIN shop_customer c USING (external_id) LEFT JOIN (
        SELECT DISTINCT ON (w.customer_id) w.customer_id, w.granted, w.recorded_at
        FROM shop_consent w JOIN shop_customer k ON k.id = w.customer_id JOIN import_merged i USING (external_id)
        WHERE w.channel = 'email' AND w.purpose = 'marketing' ORDER BY w.customer_id, w.recorded_at DESC, w.id DESC
    ) AS word ON word.customer_id = c.id
    WHERE m.granted IS NOT NULL
), added AS (
    INSERT INTO shop_consent (customer_id, channel, purpose, granted, source, note, recorded_at)
    SELECT id, 'email', 'marketing', granted, 'import', %s,
           greatest(coalesce(said_at, now()), CASE WHEN NOT granted THEN recorded_at END)
    FROM latest
    WHERE before IS NULL OR (before <> granted AND CASE WHEN granted THEN said_at > recorded_at
                                                    ELSE said_at IS NULL OR said_at > recorded_at - interval '1 day' END)
    RETURNING customer_id
) INSERT INTO import_touched SELECT customer_id FROM added
"""

# A row that repeats another row of the file says nothing new.
ACCEPTED = """
SELECT count(*) FROM (
    SELECT DISTINCT p.external_id, p.email, p.phone, p.first_name, p.last_name, p.country, p.locale, p.since, p.consent, p.said_at,
           p.attributes
    FROM import_person p JOIN shop_customer c USING (external_id) WHERE c.id IN (SELECT id FROM import_touched)
) AS told
"""
FILLED = f"""
SELECT count(*) FROM import_merged m JOIN shop_customer c USING (external_id)
WHERE c.email <> '' AND (m.old_email = '' OR (m.old_email LIKE '%{TEST_DOMAIN}' AND c.email <> m.old_email))
"""  # noqa: S608 - a constant of ours


def create_tables() -> None:
    _run(CREATE)


def drop_tables() -> None:
    _run(DROP)


def stage(lines: Iterable[str], rejected: Iterable[str]) -> None:
    for table, rows in (("import_person", lines), ("import_rejected", rejected)):
        if text := "".join(rows):
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(text)


@transaction.atomic
def merge(*, overwrite: bool, note: str) -> dict[str, int]:
    """Write what is staged into customers and the consent ledger. Returns counts: `accepted` and `merged`
    rows, `customers` in the file, `customers_new`, `addresses` filled, `consents` written."""
    _run(f"SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
    _run(MERGED)
    _run(REPLACE if overwrite else FILL)
    _run(FORGET_MADE_UP.format(whom="IN (SELECT external_id FROM import_merged)"))
    consents = _run(CONSENTS, [note])
    _run("INSERT INTO shop_customertouched (customer_id) SELECT DISTINCT id FROM import_touched")
    rows, customers, new = _one(
        "SELECT (SELECT count(*) FROM import_person), count(*), count(*) FILTER (WHERE known IS NULL) FROM "
        "import_merged"
    )
    (accepted,) = _one(ACCEPTED)
    (addresses,) = _one(FILLED)
    return {
        "accepted": accepted,
        "merged": rows - accepted,
        "customers": customers,
        "customers_new": new,
        "addresses": addresses,
        "consents": consents,
    }


def analyze() -> None:
    _run("ANALYZE shop_customer, shop_consent")


def _run(statement: str, parameters: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _one(statement: str) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())
