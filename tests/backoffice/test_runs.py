"""One kind of run: what is in force, what is old, and which job it comes from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from django.utils import timezone

from backoffice.jobs import current_job_run, working_on
from backoffice.models import JobRun
from backoffice.runs import Run, RunQuerySet, one_in_force

pytestmark = pytest.mark.django_db

RUNS = [model for model in apps.get_models() if issubclass(model, Run)]


@pytest.fixture
def fits():
    """A kind of run that exists for one test, with its table: one question a method and topic."""
    with isolate_apps("backoffice"):

        class Fit(Run):
            SLOT = ("method", "topic")
            method = models.CharField(max_length=10)
            topic = models.CharField(max_length=10, blank=True)
            objects = RunQuerySet.as_manager()

            class Meta(Run.Meta):
                app_label = "backoffice"
                db_table = "test_runs_fit"
                constraints = [one_in_force("method", "topic", name="test_fit_in_force_once")]

            def __str__(self):
                return str(self.pk)

        with connection.schema_editor() as editor:
            editor.create_model(Fit)
        yield Fit


def fit(fits, method="kmeans", topic="", *, age=0):
    now = timezone.now()
    return fits.objects.create(method=method, topic=topic, as_of=now, created_at=now - timedelta(days=age))


def test_a_run_is_in_force_from_its_publication_until_the_next(fits):
    first, second = fit(fits), fit(fits)
    assert fits.objects.published("kmeans") is None
    first.publish()
    assert fits.objects.published("kmeans") == first
    second.publish()
    assert list(fits.objects.in_force()) == [second]
    first.refresh_from_db()
    assert (first.in_force, first.published_at is not None) == (False, True)


def test_publishing_again_changes_nothing_but_the_time(fits):
    run = fit(fits)
    run.publish()
    run.publish()
    assert list(fits.objects.in_force()) == [run]


def test_slots_do_not_disturb_each_other(fits):
    runs = [fit(fits), fit(fits, topic="spring"), fit(fits, "rfm")]
    for run in runs:
        run.publish()
    assert fits.objects.in_force().count() == 3
    assert fits.objects.published("kmeans", "spring") == runs[1]
    assert fits.objects.published("rfm") == runs[2]
    with pytest.raises(TypeError, match="slot"):
        fits.objects.published("rfm", "", "more")


def test_a_publication_that_fails_leaves_the_earlier_run_in_force(fits):
    first, second = fit(fits), fit(fits)
    first.publish()
    with transaction.atomic():
        second.publish()
        transaction.set_rollback(True)
    assert fits.objects.published("kmeans") == first


def test_the_database_refuses_a_second_run_in_force(fits):
    fit(fits).publish()
    with pytest.raises(IntegrityError), transaction.atomic():
        fits.objects.create(method="kmeans", as_of=timezone.now(), in_force=True)


def test_withdrawn_runs_stay_as_history(fits):
    run = fit(fits)
    run.publish()
    assert (fits.objects.withdraw(), fits.objects.withdraw()) == (1, 0)
    assert (fits.objects.published("kmeans"), fits.objects.adopted().get()) == (None, run)


def test_outdated_are_all_but_the_newest_of_each_slot_and_never_one_in_force(fits):
    old = [fit(fits, age=age) for age in (9, 8, 7, 6)]
    other = fit(fits, "rfm", age=99)
    old[0].publish()
    assert set(fits.objects.outdated(keep=2)) == {old[1]}
    assert set(fits.objects.outdated(keep=0)) == {*old[1:], other}


def test_a_run_made_by_a_job_names_it(fits):
    job = JobRun.objects.create(name="example.count")
    with working_on(job.pk):
        assert fit(fits).job_run == job
    assert (fit(fits).job_run, current_job_run()) == (None, None)


@pytest.mark.parametrize("model", RUNS, ids=lambda model: model._meta.label)
def test_every_kind_of_run_has_at_most_one_in_force_of_a_slot(model):
    unique = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and "in_force" in constraint.fields
    ]
    assert [set(constraint.fields) for constraint in unique] == [{*model.SLOT, "in_force"}]
