"""What a rule may cost: checked with the planner before it runs, and by the clock while it runs."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from segments.rules.sql import Statement

PATIENCE_MS = 60_000  # how long the database may work on one rule
MOST_COST = 50_000_000.0  # in the planner's units: about a minute of one core

TIMED_OUT = gettext_noop("The rule takes too long: use fewer events, or a shorter time.")


class RuleTooSlow(Refused):
    """The database was stopped before it had the answer."""


def expect_affordable(statement: Statement, *, most: float = MOST_COST) -> None:
    """Raises Refused when the planner expects more than `most` of its units of cost."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.select()}", statement.params)
        ((plan,),) = cursor.fetchall()
    cost = plan[0]["Plan"]["Total Cost"]
    if cost > most:
        raise Refused(
            _(
                "This rule is too expensive to evaluate for all customers: use a shorter time, or fewer "
                "conditions at once."
            ),
            field="rule",
        )


def read_only(
    statement: str, params: dict[str, Any], *, patience_ms: int = PATIENCE_MS
) -> list[tuple[Any, ...]]:
    """The rows of a statement that can change nothing but temporary tables.

    It is stopped after `patience_ms`; then RuleTooSlow (a Refused) is raised.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            ((before,),) = cursor.fetchall()
            cursor.execute("SET TRANSACTION READ ONLY")  # until the savepoint is released
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(patience_ms)])
            cursor.execute(statement, params)
            rows = cursor.fetchall() if cursor.description else []
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return rows
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # query_canceled
            raise
        raise RuleTooSlow(_(TIMED_OUT), field="rule") from None
