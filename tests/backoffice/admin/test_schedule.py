from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from backoffice.models import AuditEntry


@pytest.fixture
def nightly(db):
    return PeriodicTask.objects.create(
        name="segments.refresh",
        task="backoffice.tasks.start_scheduled_job",
        args='["segments.refresh"]',
        crontab=CrontabSchedule.objects.create(hour="2", minute="0"),
    )


def test_what_repeats_can_be_switched_and_nothing_else(as_user, ada, mara, nightly):
    url = reverse("admin:django_celery_beat_periodictask_change", args=[nightly.pk])
    shown = as_user(ada).get(url).content.decode()
    assert "Group the customers" in shown
    assert 'name="args"' not in shown
    assert as_user(ada).post(url, {"task": "os.system", "args": "[1]", "name": "x"}).status_code == 302
    nightly.refresh_from_db()
    assert (nightly.enabled, nightly.name, nightly.args) == (
        False,
        "segments.refresh",
        '["segments.refresh"]',
    )
    assert AuditEntry.about(nightly).get().details == {"enabled": False}
    assert as_user(mara).get(url).status_code == 403
    assert as_user(ada).get(reverse("admin:django_celery_beat_periodictask_add")).status_code == 403


def test_raw_schedules_are_out_of_reach():
    assert not admin.site.is_registered(CrontabSchedule)
