"""The schedule of jobs, and the pages about them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

import tests.backoffice.example.tasks  # noqa: F401 - declares the jobs
from backoffice.actions import request_job
from backoffice.errors import Refused
from backoffice.jobs import Job, register
from backoffice.models import AuditEntry, JobRun
from backoffice.tasks import start_scheduled_job, sweep_jobs
from tests.factories import JobRunFactory


def every(**schedule):
    entry = register["example.count"]
    return Job(**{**entry.__dict__, "at": None, "every": None, **schedule})


def test_beat_that_rings_twice_starts_one_run(db):
    start_scheduled_job("segments.refresh")
    JobRun.objects.update(state=JobRun.State.SUCCEEDED)
    start_scheduled_job("segments.refresh")
    assert JobRun.objects.filter(name="segments.refresh").count() == 1


def test_slots():
    now = datetime(2026, 3, 4, 15, 47, 9, tzinfo=UTC)
    assert every(at=time(2)).slot(now) == datetime(2026, 3, 4, tzinfo=UTC)
    assert every(every=timedelta(minutes=30)).slot(now) == datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


def test_the_jobs_page_offers_what_its_reader_may_do(as_user, mara, ines):
    run_now = reverse("backoffice:run-now", args=["example.count"])
    assert run_now in as_user(mara).get("/jobs/").content.decode()
    assert run_now not in as_user(ines).get("/jobs/").content.decode()
    assert as_user(ines).post(run_now).status_code == 403


def test_run_now_leads_to_the_run_and_cancel_ends_it(as_user, mara):
    client = as_user(mara)
    answer = client.post(reverse("backoffice:run-now", args=["example.count"]))
    run = JobRun.objects.get()
    assert answer.url == reverse("backoffice:job-run", args=[run.pk])
    assert reverse("backoffice:job-cancel", args=[run.pk]) in client.get(answer.url).content.decode()
    client.post(reverse("backoffice:job-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == JobRun.State.CANCELLED


def test_a_job_that_needs_arguments_is_not_started_without_them(as_user, mara):
    answer = as_user(mara).post(
        reverse("backoffice:run-now", args=["intake.import_file"]),
        headers={"Referer": "http://testserver/jobs/"},
        follow=True,
    )
    assert "start it from the page of that thing" in answer.content.decode()
    assert not JobRun.objects.exists()
    with pytest.raises(Refused):
        request_job(name="example.count", by=mara, arguments={"unknown": 1})


def test_who_pressed_run_now_stands_in_the_audit_trail(as_user, mara):
    url = reverse("backoffice:run-now", args=["example.count"])
    client = as_user(mara)
    assert client.get(url).status_code == 405
    client.post(url)
    client.post(url)  # it is active: nothing is started
    entry = AuditEntry.objects.get(verb="job.start")
    assert (entry.by, entry.object_id) == (mara, str(JobRun.objects.get().pk))


def test_run_now_does_not_redirect_to_other_sites(as_user, mara):
    answer = as_user(mara).post(
        reverse("backoffice:run-now", args=["example.count"]), {"next": "https://evil.example/"}
    )
    assert answer.url.startswith("/jobs/")


def test_the_progress_bar_asks_again_until_the_run_has_ended(as_user, mara):
    run, _new = request_job(name="example.count", by=mara)
    url = reverse("backoffice:job-progress", args=[run.pk])
    waiting = as_user(mara).get(url)
    assert "hx-get" in waiting.content.decode()
    assert "HX-Refresh" not in waiting
    JobRun.objects.update(state=JobRun.State.FAILED, error="There are no orders yet.")
    ended = as_user(mara).get(url)
    assert "hx-get" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true"


def test_a_failure_shows_its_sentence_but_no_traceback_to_marketers(as_user, mara):
    run = JobRun.objects.create(
        name="example.count", state="failed", error="There are no orders yet.", traceback="line 7 of x.py"
    )
    shown = as_user(mara).get(reverse("backoffice:job-run", args=[run.pk])).content.decode()
    assert "There are no orders yet." in shown
    assert "line 7" not in shown


def test_a_run_that_began_again_says_so(as_user, mara):
    run = JobRun.objects.create(name="example.count", state="running", attempts=1)
    url = reverse("backoffice:job-run", args=[run.pk])
    assert "it began again" not in as_user(mara).get(url).text
    JobRun.objects.update(attempts=2)
    assert (
        "Attempt 2: its process was stopped from outside and it began again." in as_user(mara).get(url).text
    )


def test_a_refusal_is_shown_on_the_page_it_came_from(as_user, mara):
    url = reverse("backoffice:run-now", args=["example.nothing"])
    answer = as_user(mara).post(url, headers={"Referer": "http://testserver/jobs/"}, follow=True)
    assert answer.redirect_chain == [("http://testserver/jobs/", 302)]
    assert "There is no job named" in answer.content.decode()


def test_the_sweeper_rings_for_a_waiting_run_once_a_minute(db, django_capture_on_commit_callbacks):
    JobRunFactory(name="example.count", created_at=timezone.now() - timedelta(minutes=1))
    rung = []
    for _sweep in range(3):
        with django_capture_on_commit_callbacks() as callbacks:
            sweep_jobs()
        rung.append(len(callbacks))
    assert rung == [1, 0, 0]
