"""Whether the machines behind the pages are alive: workers, queues, events coming in."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from intake.models import EventReceipt
from marketops.celery import app

QUEUES = ["quick", "import", "learn", "delivery", "maintenance"]
STARTED = time.monotonic()  # of this web process, which starts together with the workers
START_TAKES = 60.0  # seconds, on a busy machine
ANSWER_WITHIN = 0.7  # seconds; a busy worker's main process answers at once


@dataclass(frozen=True)
class Machinery:
    """`workers` and `queues` (name -> messages waiting) are None while Redis does not answer."""

    workers: list[str] | None
    queues: dict[str, int] | None
    last_event: datetime | None

    @property
    def starting(self) -> bool:
        return time.monotonic() - STARTED < START_TAKES

    @property
    def waiting(self) -> int:
        return sum(self.queues.values()) if self.queues else 0


def look() -> Machinery:
    """Ask the workers and the broker; takes ANSWER_WITHIN seconds, so pages fetch it after they have
    loaded."""
    last_event = EventReceipt.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            queues = {queue: int(connection.default_channel.client.llen(queue)) for queue in QUEUES}
            answers = app.control.inspect(timeout=ANSWER_WITHIN, connection=connection).ping() or {}
    except (OperationalError, RedisError, OSError):
        return Machinery(None, None, last_event)
    return Machinery(sorted(answers), queues, last_event)
