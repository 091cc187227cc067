from __future__ import annotations

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from backoffice import jobs
from backoffice.models import JobRun, User
from marketops import schedule
from marketops.celery import app
from marketops.logins import DEMO_PASSWORD, DEMO_STAFF
from shop.models import Customer, Order


@pytest.fixture
def local(settings, monkeypatch):
    settings.LOCAL = True
    monkeypatch.setenv("MARKETOPS_DEMO", "0")


@pytest.mark.django_db
def test_a_local_installation_gets_its_staff_once(local):
    call_command("bootstrap")
    assert {user.username: user.groups.get().name for user in User.objects.all()} == DEMO_STAFF
    assert [user.username for user in User.objects.filter(is_superuser=True)] == ["admin"]
    assert all(user.check_password(DEMO_PASSWORD) for user in User.objects.all())

    User.objects.exclude(username="admin").delete()
    call_command("bootstrap")
    assert User.objects.count() == 1  # whom somebody removed stays removed
    assert not Order.objects.exists()
    assert not JobRun.objects.exists()  # an empty shop has nothing to compute


@pytest.mark.django_db
def test_a_public_server_gets_no_demo(settings):
    settings.LOCAL = False
    call_command("bootstrap")
    assert not User.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_the_first_start_fills_the_shop_and_asks_for_its_results_in_order(settings):
    settings.LOCAL = True
    call_command("bootstrap")
    orders = Order.objects.count()
    assert orders > 0
    assert [run.name for run in JobRun.objects.order_by("pk")] == settings.FIRST_REFRESH

    call_command("bootstrap")
    assert Order.objects.count() == orders
    assert JobRun.objects.count() == len(settings.FIRST_REFRESH)  # the same runs are still waiting

    JobRun.objects.filter(name="segments.refresh").update(state=JobRun.State.SUCCEEDED)
    JobRun.objects.filter(name="recommendations.refresh").update(state=JobRun.State.FAILED)
    call_command("bootstrap")
    assert JobRun.objects.filter(name="segments.refresh").count() == 1
    assert JobRun.objects.filter(name="recommendations.refresh").count() == 2


@pytest.mark.django_db
def test_a_first_start_that_failed_is_repeated(settings, monkeypatch):
    settings.LOCAL = True
    Customer.objects.create(external_id="somebody")  # seed_demo refuses a shop in use
    with pytest.raises(Exception, match="empty"):
        call_command("bootstrap")
    assert not User.objects.exists()
    Customer.objects.all().delete()
    monkeypatch.setenv("MARKETOPS_DEMO", "0")
    call_command("bootstrap")
    assert User.objects.count() == len(DEMO_STAFF)


def test_jobs_of_the_first_start_exist(settings):
    assert set(settings.FIRST_REFRESH) <= set(jobs.register)


@pytest.mark.django_db(transaction=True)  # the scheduler closes its connections
def test_beat_rings_what_is_registered_and_forgets_what_was_removed():
    schedule.RegisteredScheduler(app=app).setup_schedule()
    repeating = {name for name, entry in jobs.register.items() if entry.at or entry.every}
    stored = {entry.name: entry for entry in PeriodicTask.objects.exclude(name__startswith="celery.")}
    assert repeating < set(stored)
    assert set(stored) == set(schedule.table())
    assert stored["backoffice.sweep_jobs"].queue == "maintenance"
    assert stored["backoffice.sweep_jobs"].interval.every == 15

    entry = stored["segments.refresh"]
    entry.enabled = False
    entry.save()
    PeriodicTask.objects.create(name="gone.job", task=entry.task, crontab=entry.crontab, args='["gone.job"]')
    schedule.RegisteredScheduler(app=app).setup_schedule()
    assert not PeriodicTask.objects.filter(name="gone.job").exists()
    assert not PeriodicTask.objects.get(
        name="segments.refresh"
    ).enabled  # an administrator's switch is respected
