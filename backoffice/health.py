"""Whether the work behind the pages gets done: workers, queues, repeating jobs, and what the apps add."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from backoffice.declarations import HealthLine, Tone, frames
from backoffice.jobs import Job, register
from backoffice.models import JobRun
from backoffice.queueing import IMPATIENT
from backoffice.templatetags.formats import number

STARTED = time.monotonic()  # of this web process, which starts together with the workers
START_TAKES = 60.0  # seconds, on a busy machine
ANSWER_WITHIN = 0.7  # seconds; a busy worker's main process answers at once
LONG_QUEUE = 100  # messages
DAYS_LATE = timedelta(days=2)  # of a daily job
TIMES_LATE = 6  # of the interval of a job that repeats more often


@dataclass(frozen=True)
class Workers:
    """`names` and `queues` (name -> messages waiting) are None while Redis does not answer."""

    names: list[str] | None
    queues: dict[str, int] | None


def lines() -> list[HealthLine]:
    """Everything that is looked at, a line each. Takes ANSWER_WITHIN seconds: pages fetch it after they have
    loaded."""
    return [line for frame in frames() for check in frame.health for line in check()]


def summary(found: list[HealthLine]) -> HealthLine:
    """All lines in one: that everything is healthy, or the first thing that is not."""
    troubles = sorted((line for line in found if line.tone.is_trouble), key=lambda line: line.tone.value)
    starting = next((line for line in found if line.tone is Tone.BUSY), None)
    if not troubles:
        return starting or HealthLine(Tone.GOOD, _("healthy"), _("Workers, queues and jobs are fine."))
    more = len(troubles) - 1
    text = troubles[0].text
    if more:
        text += " " + ngettext("%d more thing needs a look.", "%d more things need a look.", more) % more
    return HealthLine(troubles[0].tone, troubles[0].label, text)


def ask_workers() -> Workers:
    """Ask the broker how long its queues are, and the workers whether they are there. A hung broker costs a
    second at most."""
    from redis.exceptions import RedisError  # late: the client takes a tenth of a web process's start

    used = {entry.queue for entry in register.values()} | {
        sweep.queue for frame in frames() for sweep in frame.sweeps
    }
    try:
        with current_app.connection_for_read(transport_options=IMPATIENT) as connection:
            redis = connection.default_channel.client
            queues = {
                queue: int(redis.llen(queue)) for queue in sorted({settings.CELERY_TASK_DEFAULT_QUEUE, *used})
            }
            answers = current_app.control.inspect(timeout=ANSWER_WITHIN, connection=connection).ping() or {}
    except (OperationalError, RedisError, OSError):
        return Workers(None, None)
    return Workers(sorted(answers), queues)


def workers_and_queues() -> Iterator[HealthLine]:
    workers = ask_workers()
    if workers.names is None or workers.queues is None:
        text = _("Redis does not answer: work waits in the database and goes on when Redis is back.")
        yield HealthLine(Tone.BAD, _("down"), text)
        return
    if workers.names:
        count = len(workers.names)
        yield HealthLine(
            Tone.GOOD, _("alive"), ngettext("%d worker answers", "%d workers answer", count) % count
        )
    elif time.monotonic() - STARTED < START_TAKES:
        text = _("The workers are starting; they answer in a moment.")
        yield HealthLine(Tone.BUSY, _("starting"), text)
    else:
        text = _("No worker answers: start Marketops with “make run”, or a Celery worker on your server.")
        yield HealthLine(Tone.BAD, _("down"), text)
    yield _queue_line(workers.queues)


def _queue_line(queues: dict[str, int]) -> HealthLine:
    waiting = sum(queues.values())
    text = ngettext(
        "%(n)s background task waits for its turn.", "%(n)s background tasks wait for their turn.", waiting
    ) % {"n": number(waiting)}
    return HealthLine(Tone.WARN if waiting > LONG_QUEUE else Tone.GOOD, _("queue"), text)


def repeating_jobs() -> Iterator[HealthLine]:
    """Whether the latest run of each job went well, and whether what repeats still does."""
    latest = {run.name: run for run in JobRun.objects.latest_of_each() if run.name in register}
    failed = [run for run in latest.values() if run.state == JobRun.State.FAILED]
    off = set(PeriodicTask.objects.filter(enabled=False).values_list("name", flat=True))
    late = [run for run in latest.values() if run.name not in off and _is_late(run, register[run.name])]
    if failed:
        text = _("The last run failed: %s") % ", ".join(run.title for run in failed)
        yield HealthLine(Tone.BAD, _("failed"), text)
    if late:
        text = _("Not run for longer than planned: %s") % ", ".join(run.title for run in late)
        yield HealthLine(Tone.WARN, _("late"), text)
    if not failed and not late:
        yield HealthLine(Tone.GOOD, _("jobs"), _("The last run of every job went well."))


def _is_late(run: JobRun, job: Job) -> bool:
    if job.at is None and job.every is None:
        return False
    allowed = TIMES_LATE * job.every if job.every else DAYS_LATE
    return not run.is_active and timezone.now() - run.created_at > allowed
