"""A refresh that is killed or cancelled while it writes leaves yesterday's groups in force."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from backoffice.actions import cancel_job, request_job, run_job
from backoffice.models import JobRun
from segments.actions.refresh import refresh_segments
from segments.models import Membership, Method, SegmentRun
from tests.planted import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


def kill(run: JobRun, _by: object) -> None:
    words = [b"work", str(run.pk).encode()]
    for process in Path("/proc").glob("[0-9]*"):
        if (process / "cmdline").read_bytes().split(b"\0")[-3:-1] == words:
            os.kill(int(process.name), signal.SIGKILL)


def cancel(run: JobRun, by: object) -> None:
    cancel_job(run=run, by=by)  # type: ignore[arg-type]  # staff


def in_background(work: Callable[[], object]) -> threading.Thread:
    """In a thread with a connection of its own: what the test's transaction holds is not seen elsewhere."""

    def run() -> None:
        work()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_until_blocked() -> None:
    end = time.monotonic() + 120
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE relation = 'segments_membership'::regclass AND NOT "
                "granted"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < end, "the job never came to write"
            time.sleep(0.1)


@pytest.mark.parametrize(("stop", "state"), [(kill, "queued"), (cancel, "cancelled")])
def test_stopped_in_the_middle_of_writing(planted, ada, stop, state):
    refresh_segments(as_of=TODAY)
    before = SegmentRun.objects.published(Method.KMEANS)
    members = set(Membership.objects.in_force().values_list("customer", "segment"))
    requested, _new = request_job(name="segments.refresh")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE segments_membership IN SHARE MODE")  # the run is written, its members wait
        working = in_background(lambda: run_job(run_id=requested.pk))
        wait_until_blocked()
        in_background(lambda: stop(requested, ada)).join()
        working.join()
    requested.refresh_from_db()
    assert requested.state == state
    assert SegmentRun.objects.published(Method.KMEANS) == before
    assert set(Membership.objects.in_force().values_list("customer", "segment")) == members
    assert SegmentRun.objects.filter(method=Method.KMEANS).count() == 1
