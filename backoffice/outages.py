"""Which errors pass by themselves: a server that starts again, a lock that another request holds."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent

RETRY_AFTER = 5  # seconds; the keeper has a killed server back by then

AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,  # from COPY, which Django does not wrap
    psycopg.InterfaceError,
    BrokerError,
    RedisAway,
    RedisSilent,
)
LIMIT_EXCEEDED = "54"  # class of SQLSTATE: the same request would fail again


def is_outage(error: BaseException | None) -> bool:
    """Whether the same request may succeed in a moment."""
    if not isinstance(error, AWAY):
        return False
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    return not state.startswith(LIMIT_EXCEEDED)
