"""Jobs in real processes against the real database."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

import tests.backoffice.example.tasks  # noqa: F401 - declares the jobs
from backoffice.actions import cancel_job, recover_abandoned_jobs, request_job, run_job
from backoffice.models import AuditEntry, JobRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def example_app(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.backoffice.example.settings")


def run(name, **arguments):
    requested, _new = request_job(name=name, arguments=arguments)
    return run_job(run_id=requested.pk)


class Background:
    """A run in a thread, like a worker's: wait until its child has said something."""

    def __init__(self, name):
        self.run, _new = request_job(name=name)
        self.thread = threading.Thread(target=self._work)

    def _work(self):
        run_job(run_id=self.run.pk)
        connections.close_all()

    def __enter__(self):
        self.thread.start()
        end = time.monotonic() + 60
        while not JobRun.objects.filter(pk=self.run.pk, step="Sleeping").exists():
            assert time.monotonic() < end, "the job never spoke"
            time.sleep(0.05)
        self.run.refresh_from_db()
        return self

    def __exit__(self, *_exception):
        self.thread.join()
        self.run.refresh_from_db()


def test_a_run_ends_with_its_result_and_progress():
    ended = run("example.count", upto=4)
    assert (ended.state, ended.result["counted"], ended.done, ended.total) == ("succeeded", 4, 4, 4)
    assert ended.result["job_run"] == ended.pk
    assert ended.percent == 100
    assert ended.duration > timedelta(0)


def test_a_run_is_claimed_once():
    requested, _new = request_job(name="example.count")
    assert run_job(run_id=requested.pk).state == JobRun.State.SUCCEEDED
    assert run_job(run_id=requested.pk) is None


def test_progress_is_seen_while_it_works_and_a_cancel_stops_it(ada):
    with Background("example.sleep") as watched:
        assert (watched.run.state, watched.run.percent, watched.run.step) == ("running", 2, "Sleeping")
        assert watched.run.heartbeat_at is not None
        cancel_job(run=watched.run, by=ada)
    assert watched.run.state == JobRun.State.CANCELLED
    assert AuditEntry.about(watched.run).get().verb == "job.cancel"


def test_a_job_that_ignores_the_request_to_stop_is_killed(ada):
    with Background("example.deaf") as watched:
        cancel_job(run=watched.run, by=ada)
    assert watched.run.state == JobRun.State.CANCELLED


def test_a_job_past_its_time_limit_is_stopped():
    ended = run("example.slow")
    assert (ended.state, ended.error) == ("failed", "It took longer than its time limit and was stopped.")
    assert ended.duration < timedelta(seconds=30)


def test_an_exception_becomes_one_sentence_and_a_traceback():
    ended = run("example.broken")
    assert (ended.state, ended.error) == ("failed", "ValueError: the third row has no price")
    assert "tasks.py" in ended.traceback


def test_a_refusal_is_shown_as_it_is():
    ended = run("example.refused")
    assert (ended.state, ended.error, ended.traceback) == (
        "failed",
        "There are no orders yet: import some first.",
        "",
    )


def test_memory_is_bounded():
    ended = run("example.greedy")
    assert (ended.state, ended.error) == ("failed", "It needed more memory than it is allowed.")


def test_a_killed_process_starts_again_and_after_the_last_time_is_a_failure_that_says_so():
    ended = run("example.killed")
    for attempt in range(1, JobRun.MAX_ATTEMPTS):
        assert (ended.state, ended.attempts, ended.finished_at) == ("queued", attempt, None)
        ended = run_job(run_id=ended.pk)
    assert (ended.state, ended.traceback) == ("failed", "exit status -9")
    assert "memory" in ended.error


def test_an_unknown_job_of_an_older_version_fails_instead_of_staying():
    requested = JobRun.objects.create(name="example.gone")
    ended = run_job(run_id=requested.pk)
    assert (ended.state, ended.error) == ("failed", "There is no job named “example.gone”.")


def abandoned(**fields):
    long_ago = timezone.now() - timedelta(minutes=5)
    return JobRun.objects.create(
        name="example.count", state="running", started_at=long_ago, heartbeat_at=long_ago, **fields
    )


def test_a_run_whose_worker_died_is_tried_again():
    run = abandoned(attempts=1, done=7)
    assert recover_abandoned_jobs() == 1
    run.refresh_from_db()
    assert (run.state, run.done) == ("queued", 0)
    assert run_job(run_id=run.pk).attempts == 2


def test_the_third_death_is_the_last():
    run = abandoned(attempts=3)
    recover_abandoned_jobs()
    run.refresh_from_db()
    assert run.state == JobRun.State.FAILED
    assert "three times" in run.error


def test_a_cancelled_run_is_not_tried_again():
    run = abandoned(attempts=1, cancel_requested=True)
    recover_abandoned_jobs()
    run.refresh_from_db()
    assert run.state == JobRun.State.CANCELLED


def test_a_run_with_a_sign_of_life_is_left_alone():
    run = JobRun.objects.create(name="example.count", state="running", heartbeat_at=timezone.now())
    assert recover_abandoned_jobs() == 0
    run.refresh_from_db()
    assert run.state == JobRun.State.RUNNING
