"""The lock on the members of all segments by rule."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from backoffice.errors import Refused

MEMBERS_LOCK, CATCH_UP_LOCK = 0x5E6D656E74, 0x5E6D656E75  # any numbers, the same in every process
PATIENCE = "5s"  # of somebody who waits at a page


def hold_members() -> None:
    """Until the transaction ends nobody else changes who is in a segment by rule."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEMBERS_LOCK])


def hold_members_soon() -> None:
    """The same for a page: raises Refused when somebody else holds the lock for longer than PATIENCE."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            hold_members()
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError:
        raise Refused(_("Many customers are being counted right now: try again in a minute.")) from None


def try_to_catch_up() -> bool:
    """Whether this transaction is the one that catches up with what arrived."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CATCH_UP_LOCK])
        ((mine,),) = cursor.fetchall()
    return bool(mine)
