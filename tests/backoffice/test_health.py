"""What is looked at, and its summary on the home page."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from backoffice import health
from backoffice.declarations import HealthLine, Tone
from backoffice.health import Workers, repeating_jobs, summary, workers_and_queues
from backoffice.models import JobRun, User
from tests.factories import JobRunFactory

GOOD = HealthLine(Tone.GOOD, "alive", "2 workers answer")
WARN = HealthLine(Tone.WARN, "late", "Not run")
BAD = HealthLine(Tone.BAD, "down", "No worker answers.")
JOB = "segments.refresh"


def tones(lines: Any) -> list[tuple[Tone, str]]:
    return [(line.tone, line.label) for line in lines]


def test_the_worst_line_is_the_summary() -> None:
    assert summary([GOOD, WARN, BAD]) == HealthLine(
        Tone.BAD, "down", "No worker answers. 1 more thing needs a look."
    )
    assert summary([GOOD, HealthLine(Tone.BUSY, "starting", "The workers are starting.")]).tone is Tone.BUSY
    assert summary([GOOD, GOOD]).label == "healthy"


@pytest.mark.parametrize(
    ("seconds_ago", "text"), [(5, "The workers are starting"), (300, "No worker answers")]
)
def test_without_workers_the_remedy_is_named(
    as_user: Any, mara: User, monkeypatch: pytest.MonkeyPatch, seconds_ago: int, text: str
) -> None:
    monkeypatch.setattr(health, "STARTED", time.monotonic() - seconds_ago)
    for address in ("/jobs/health/", "/jobs/health/summary/"):
        assert text in as_user(mara).get(address).text


def test_without_redis_the_work_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ask_workers", lambda: Workers(None, None))
    assert tones(workers_and_queues()) == [(Tone.BAD, "down")]


def test_a_hung_broker_costs_a_second_at_most(hung: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_READ_URL", f"redis+socket://{hung}?virtual_host=0")
    began = time.monotonic()
    assert health.ask_workers() == Workers(None, None)
    assert time.monotonic() - began < 1


def test_queues_are_counted_where_no_worker_answers() -> None:
    workers = health.ask_workers()
    assert workers.names == []
    assert set(workers.queues or {}) >= {"quick"}


@pytest.mark.parametrize(("waiting", "tone"), [(0, Tone.GOOD), (101, Tone.WARN)])
def test_a_long_queue_is_a_trouble(monkeypatch: pytest.MonkeyPatch, waiting: int, tone: Tone) -> None:
    monkeypatch.setattr(health, "ask_workers", lambda: Workers(["a", "b"], {"learn": waiting, "quick": 0}))
    alive, queue = workers_and_queues()
    assert (alive.text, queue.tone) == ("2 workers answer", tone)
    assert queue.text.startswith(f"{waiting} background tasks")


def test_a_failed_job_is_a_trouble_until_it_succeeds(db: None) -> None:
    JobRunFactory(name=JOB, state=JobRun.State.FAILED)
    assert tones(repeating_jobs()) == [(Tone.BAD, "failed")]
    JobRunFactory(name=JOB, state=JobRun.State.SUCCEEDED)
    assert tones(repeating_jobs()) == [(Tone.GOOD, "jobs")]


def test_a_job_that_stopped_repeating_is_a_trouble_unless_it_was_switched_off(db: None) -> None:
    JobRunFactory(name=JOB, state=JobRun.State.SUCCEEDED, created_at=timezone.now() - timedelta(days=3))
    assert tones(repeating_jobs()) == [(Tone.WARN, "late")]
    PeriodicTask.objects.create(name=JOB, task="x", enabled=False, crontab=CrontabSchedule.objects.create())
    assert tones(repeating_jobs()) == [(Tone.GOOD, "jobs")]
