"""Keeping erased people out of what is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_noop

from intake.actions.facts.staging import Shape, StagedTables
from intake.importers.events import IncomingMessage, customer_fields
from shop.actions.erased import digest_sql, erased_among, hold_off_erasing, key_parameters

ASKED = gettext_noop("This person asked to be erased and is kept out.")
ERASED_CUSTOMERS = Shape("erased_customer", "external_id text")
KEPT_OUT = "IN (SELECT digest FROM shop_erased)"
# Without anybody to keep out no hash is computed.
FIND = f"""
SELECT external_id FROM {{file_customer}} WHERE EXISTS (SELECT FROM shop_erased)
  AND ({digest_sql("external_id")} {KEPT_OUT} OR (email <> '' AND {digest_sql("email")} {KEPT_OUT}))
UNION SELECT customer FROM {{staged_order}} WHERE EXISTS (SELECT FROM shop_erased)
  AND customer IS NOT NULL AND {digest_sql("customer")} {KEPT_OUT}
"""  # noqa: S608 - expressions of ours
COUNT_ROWS = """
SELECT count(row_number) FROM {staged_line} JOIN {staged_order} USING (number)
JOIN {erased_customer} ON external_id = customer
"""
TAKE_OUT = [
    "DELETE FROM {staged_customer} USING {erased_customer}"
    " WHERE staged_customer.external_id = erased_customer.external_id",
    "DELETE FROM {staged_consent} USING {erased_customer}"
    " WHERE staged_consent.external_id = erased_customer.external_id",
    "UPDATE {staged_order} SET customer = NULL FROM {erased_customer} WHERE customer = external_id",
]
# Neither value nor row: what was left out is not kept beside its reason.
REJECT = """
INSERT INTO {file_rejected}
SELECT row_number, 'customer_id', '', %(reason)s, '' FROM {file_customer}
JOIN {erased_customer} USING (external_id)
"""
# A row that cannot be used may name them all the same.
BLANK_REJECTED = f"""
UPDATE {{file_rejected}} SET value = '', row = '' WHERE EXISTS (SELECT FROM shop_erased) AND EXISTS (
    SELECT FROM regexp_split_to_table(file_rejected.row, '[,;|"\t]') AS cell
    WHERE {digest_sql("cell")} {KEPT_OUT})
"""  # noqa: S608 - expressions of ours


def take_out(staged: StagedTables, *, rejecting: bool) -> int:
    """Take erased people out of the staged rows, in the transaction that writes them: their orders become
    guest orders, and the rows of a list of customers are rejected (`rejecting`). Returns how many rows of
    the file were theirs."""
    hold_off_erasing()
    staged.run(BLANK_REJECTED, **key_parameters())
    if not staged.keep(ERASED_CUSTOMERS, FIND, **key_parameters()):
        return 0
    if rejecting:
        rows = staged.run(REJECT, reason=ASKED)
    else:
        (rows,) = staged.row(COUNT_ROWS)
    for statement in TAKE_OUT:
        staged.run(statement)
    return int(rows)


def without_erased(messages: Sequence[IncomingMessage]) -> tuple[list[IncomingMessage], int]:
    """The messages without those of erased people, whose orders become guest orders; and how many were
    theirs."""
    hold_off_erasing()
    emails = {message.id: str(customer_fields(message)["email"]) for message in messages}
    erased = erased_among(
        text for message in messages for text in (message.user_id, message.anonymous_id, emails[message.id])
    )
    if not erased:
        return list(messages), 0
    kept: list[IncomingMessage] = []
    theirs = 0
    for message in messages:
        about_them = message.user_id in erased or emails[message.id] in erased
        if about_them or (message.anonymous_id in erased and not message.user_id):
            theirs += 1
            if message.sale:
                kept.append(_of_a_guest(message))
        elif message.anonymous_id in erased:  # somebody else at the same screen
            kept.append(replace(message, anonymous_id=""))
        else:
            kept.append(message)
    return kept, theirs


def _of_a_guest(message: IncomingMessage) -> IncomingMessage:
    """Its order alone."""
    return replace(
        message, user_id="", anonymous_id="", session_id="", kind="", name="", properties={}, traits={}
    )
