"""Writing customers."""

from __future__ import annotations

from intake.actions.facts.staging import CHANGED_CUSTOMERS, Staged
from intake.importers.policies import Policy
from shop.models import TEST_DOMAIN, TEST_NOTE

IS_MADE_UP = f"right(known.email, {len(TEST_DOMAIN)}) = '{TEST_DOMAIN}'"
TEXTS = ["email", "phone", "first_name", "last_name", "country", "locale"]
# What each column becomes. Nothing is ever blanked, and a made-up address gives way under either policy. The
# two parts of a name are known together or not at all.
VALUES: dict[Policy, dict[str, str]] = {
    Policy.FILL: {
        "email": f"CASE WHEN known.email = '' OR {IS_MADE_UP}"
        " THEN coalesce(nullif(excluded.email, ''), known.email) ELSE known.email END",
        **{
            name: f"coalesce(nullif(known.{name}, ''), excluded.{name})"
            for name in ("phone", "country", "locale")
        },
        **{
            name: f"CASE WHEN known.first_name = '' AND known.last_name = ''"
            f" THEN excluded.{name} ELSE known.{name} END"
            for name in ("first_name", "last_name")
        },
        "attributes": "excluded.attributes || known.attributes",
    },
    Policy.REPLACE: {
        **{name: f"coalesce(nullif(excluded.{name}, ''), known.{name})" for name in TEXTS},
        "attributes": "known.attributes || excluded.attributes",
    },
}
EARLIEST = "least(known.created_at, excluded.created_at)"
UPSERT = """
INSERT INTO shop_customer AS known (external_id, {names}, created_at)
SELECT external_id, {names}, coalesce(since, seen_at, now()) FROM {{staged_customer}} ORDER BY external_id
ON CONFLICT (external_id) DO UPDATE SET ({names}, created_at) = ROW({values})
WHERE ({known}, known.created_at) IS DISTINCT FROM ({values})
RETURNING id, xmax = 0 AS is_new
"""
REPLACE_SINCE = """
UPDATE shop_customer SET created_at = since FROM {staged_customer}
WHERE shop_customer.external_id = staged_customer.external_id AND created_at <> since
RETURNING shop_customer.id, false AS is_new
"""
# Nobody ever gave the consent that came with a made-up address.
FORGET_MADE_UP = f"""
DELETE FROM shop_consent consent USING shop_customer known, {{staged_customer}}
WHERE known.external_id = staged_customer.external_id AND known.email <> '' AND NOT {IS_MADE_UP}
  AND consent.customer_id = known.id AND consent.note = '{TEST_NOTE}' AND consent.source = 'staff'
"""  # noqa: S608 - constants of ours


def write_customers(staged: Staged, policy: Policy) -> int:
    """Write the staged customers; returns how many are new. `CHANGED_CUSTOMERS` names all that changed."""
    staged.keep(CHANGED_CUSTOMERS, _upsert(policy))
    if policy is Policy.REPLACE:
        staged.keep(CHANGED_CUSTOMERS, REPLACE_SINCE)
    staged.run(FORGET_MADE_UP)
    (new,) = staged.row("SELECT count(*) FROM {changed_customer} WHERE is_new")
    return int(new)


def _upsert(policy: Policy) -> str:
    values = VALUES[policy]
    return UPSERT.format(
        names=", ".join(values),
        known=", ".join(f"known.{name}" for name in values),
        values=", ".join([*values.values(), EARLIEST]),
    )


def note_touched(staged: Staged) -> None:
    """Note the customers that something arrived about: those that changed, with all records of their address
    (a word about consent counts for each), and those of the staged orders."""
    staged.run(
        "INSERT INTO shop_customertouched (customer_id) SELECT twin.id FROM {changed_customer}"
        " JOIN shop_customer AS customer USING (id) JOIN shop_customer AS twin USING (person)"
        " UNION SELECT customer_id FROM shop_order JOIN {written_order} USING (id)"
        " WHERE customer_id IS NOT NULL"
    )
