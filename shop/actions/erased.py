"""Keeping out who was erased: by a keyed hash of their address, number and visitor ids.

The hash is HMAC-SHA256 (RFC 2104) of the text without spaces around it, in lower case. PostgreSQL computes
it, so that a file of a million rows is checked in one statement; the key stays in the settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from backoffice.errors import Refused

# Whoever writes facts holds it for the time of their transaction, and erasing asks for it alone: nobody is
# written between the look at who was erased and the commit.
LOCK = 0x657261736564
PATIENCE = "5s"
BLOCK = 64  # bytes, of SHA-256


def digest_sql(text: str) -> str:
    """SQL for the keyed hash of the SQL text `text`; it needs `key_parameters`."""
    folded = f"convert_to(lower(btrim({text})), 'UTF8')"
    inner = f"sha256(%(erased_inner)s::bytea || {folded})"
    return f"encode(sha256(%(erased_outer)s::bytea || {inner}), 'hex')"


def key_parameters() -> dict[str, bytes]:
    """The two paddings of the key, as HMAC uses them."""
    key = hashlib.sha256(settings.ERASURE_KEY.encode()).digest().ljust(BLOCK, b"\0")
    return {
        "erased_inner": bytes(byte ^ 0x36 for byte in key),
        "erased_outer": bytes(byte ^ 0x5C for byte in key),
    }


def remember(texts: Iterable[str]) -> None:
    """Keep whoever is known by one of these out from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO shop_erased (digest, erased_at)
            SELECT DISTINCT {digest_sql("word")}, now() FROM unnest(%(texts)s::text[]) AS word
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 - an expression of ours
            {"texts": [text for text in texts if text.strip()], **key_parameters()},
        )


def erased_among(texts: Iterable[str]) -> set[str]:
    """Those of `texts` by which somebody was known who was erased."""
    wanted = sorted({text for text in texts if text})
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT word FROM unnest(%(texts)s::text[]) AS word
            WHERE EXISTS (SELECT FROM shop_erased)
              AND {digest_sql("word")} IN (SELECT digest FROM shop_erased)
            """,  # noqa: S608 - an expression of ours
            {"texts": wanted, **key_parameters()},
        )
        return {word for (word,) in cursor.fetchall()}


def hold_off_erasing() -> None:
    """Until the end of this transaction nobody is erased: whoever is found not to be stays so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def wait_for_writers() -> None:
    """Until the end of this transaction nobody writes facts. Raises Refused when somebody takes long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError:
        raise Refused(
            _("A file is being imported at this moment: erase the customer when that has ended.")
        ) from None
