"""Leaving the demo: away with the invented facts and with everything that was derived from them."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from backoffice.declarations import frames
from backoffice.errors import Refused, require
from backoffice.models import JobRun, User
from shop.actions.demo.removal import remove_demo


def empty_demo(*, by: User) -> None:
    """Empty a demo shop, so that a shop of one's own can move in. Raises Refused when any of the data is
    real, or while a job is at work on them.

    What goes is declared by the apps. Messages that staff wrote, staff, keys and the audit trail stay.
    """
    require(by, "intake.import_orders")
    if JobRun.objects.active().exists():
        raise Refused(
            _("A job is at work on the demo shop: wait until it has ended, or cancel it under System > Jobs.")
        )
    with transaction.atomic():
        remove_demo(by=by)
        with connection.cursor() as cursor:
            tables = ", ".join(model._meta.db_table for frame in frames() for model in frame.derived)
            # Numbers go on: the audit trail stays, and must not speak of another object by the same number.
            cursor.execute(f"TRUNCATE {tables} CASCADE")
        JobRun.objects.exclude(name__startswith="shop.").exclude(
            name__startswith="intake."
        ).delete()  # they computed what is gone
