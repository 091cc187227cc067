"""Which errors pass by themselves: a server that starts again, a lock that another request holds."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError

RETRY_AFTER = 5  # seconds; the keeper has a killed server back by then

AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,  # from COPY, which Django does not wrap
    psycopg.InterfaceError,
)
AWAY_BY_NAME = {  # these libraries take a tenth of a web process's start, which most do not need
    ("kombu.exceptions", "OperationalError"),
    ("redis.exceptions", "ConnectionError"),
    ("redis.exceptions", "TimeoutError"),
}
LIMIT_EXCEEDED = "54"  # class of SQLSTATE: the same request would fail again


def is_outage(error: BaseException | None) -> bool:
    """Whether the same request may succeed in a moment."""
    if any((kind.__module__, kind.__name__) in AWAY_BY_NAME for kind in type(error).__mro__):
        return True
    if not isinstance(error, AWAY):
        return False
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    return not state.startswith(LIMIT_EXCEEDED)
