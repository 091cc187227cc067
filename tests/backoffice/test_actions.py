"""Requesting and cancelling jobs, and writing the audit trail. How a job runs: test_runner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction

import tests.backoffice.example.tasks  # noqa: F401 - declares the jobs
from backoffice.actions import cancel_job, record, request_job
from backoffice.errors import Refused
from backoffice.models import AuditEntry, JobRun


def test_two_requests_give_one_run(ada, mara):
    first, new = request_job(name="example.count", by=ada)
    second, again = request_job(name="example.count", by=mara)
    assert (first, new, again) == (second, True, False)


def test_runs_with_different_keys_stand_side_by_side(ada):
    first, _new = request_job(name="example.count", by=ada, key="import 1")
    second, new = request_job(name="example.count", by=ada, key="import 2")
    assert new
    assert first != second


def test_a_finished_run_makes_room_for_the_next(ada):
    first, _new = request_job(name="example.count", by=ada)
    cancel_job(run=first, by=ada)
    assert first.state == JobRun.State.CANCELLED
    assert request_job(name="example.count", by=ada)[1]


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_get_one_run():
    def request(_n):
        try:
            return request_job(name="example.count")[0].pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(request, range(16)))) == 1


def test_an_analyst_may_not_request_or_cancel(ines, mara):
    run, _new = request_job(name="example.count", by=mara)
    with pytest.raises(PermissionDenied):
        request_job(name="example.sleep", by=ines)
    with pytest.raises(PermissionDenied):
        cancel_job(run=run, by=ines)


def test_an_unknown_job_is_refused_with_its_name(ada):
    with pytest.raises(Refused, match=r"example\.nothing"):
        request_job(name="example.nothing", by=ada)


def test_the_trail_says_who_did_what_to_which_object(mara, ines):
    record(by=mara, verb="staff.greet", about=ines, times=2)
    entry = AuditEntry.about(ines).get()
    assert (entry.by, entry.verb, entry.object_type, entry.details) == (
        mara,
        "staff.greet",
        "backoffice.user",
        {"times": 2},
    )


def test_an_entry_lives_and_dies_with_its_transaction(mara):
    with transaction.atomic():
        record(by=mara, verb="staff.greet", about=mara)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
