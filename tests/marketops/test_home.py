from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ads.models import BudgetPlan
from backoffice.fields import to_json
from backoffice.models import JobRun
from campaigns.models import Campaign, Message
from marketops import figures
from marketops.home import change_in_words, left_out, revenue_finding, waiting_for
from profiles.datasets.features import DataQuality
from segments.models import Segment, SegmentSnapshot
from shop.models import Customer
from tests.factories import BudgetPlanFactory, SegmentRunFactory

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_empty_shop_names_the_next_step(as_user, mara, ines):
    assert "Upload orders" in as_user(mara).get("/").content.decode()
    assert "Ask a marketer" in as_user(ines).get("/").content.decode()


def test_the_first_look_asks_for_the_figures_and_shows_their_progress(as_user, ines, sell):
    sell("100", 1)
    for _ in range(2):
        shown = as_user(ines).get("/").content.decode()
    assert JobRun.objects.get(name=figures.JOB).is_active
    assert "The figures are being added up" in shown


def counted():
    run = JobRun.objects.create(
        name=figures.JOB, state="succeeded", started_at=timezone.now(), finished_at=timezone.now()
    )
    run.result = to_json(figures.add_up(now=timezone.now()))
    run.save()


def test_home_shows_what_was_added_up(as_user, mara, sell):
    sell("110", 1, now=timezone.now())
    sell("100", 40, now=timezone.now())
    counted()
    shown = as_user(mara).get("/").content.decode()
    assert "£110" in shown
    assert "Revenue is 10.0% above the 30 days before" in shown
    assert "+10.0%" in shown
    assert "Nothing waits for you." in shown


def test_groups_and_those_in_none_add_up_to_all_customers():
    run = SegmentRunFactory.build(quality=DataQuality(duplicates=2, unprofiled=3))
    snapshots = [SegmentSnapshot(run=run, size=90)]
    assert left_out(snapshots, 100) == (
        "2 records share an address with another: one person · 3 opted out of personalisation and are in no "
        "group · 5 came later and are in no group yet"
    )
    assert "came later" not in left_out(snapshots, None)


@pytest.mark.parametrize(
    ("change", "short", "sentence"),
    [
        (0.145, "+14.5%", "Revenue is 14.5% above the 30 days before"),
        (-0.145, "−14.5%", "Revenue is 14.5% below the 30 days before"),
        (0.0004, "0.0%", "Revenue is level with the 30 days before"),
    ],
)
def test_a_change_is_said_alike_wherever_it_is_shown(change, short, sentence):
    assert (change_in_words(change), revenue_finding(change)) == (short, sentence)


def sent_campaign(mara, anton, days_ago):
    when = timezone.now() - timedelta(days=days_ago)
    return Campaign.objects.create(
        name="Spring letter",
        state="sent",
        submitted_by=mara,
        decided_by=anton,
        started_at=when,
        finished_at=when,
        currency="GBP",
        segment=Segment.objects.create(method="kmeans", slug="loyal", name_key="Loyal", colour="#0072B2"),
        message=Message.objects.create(name="Spring", subject="Spring", body="Spring"),
    )


@pytest.mark.parametrize(("days_ago", "verdict"), [(1, "too early to tell"), (9, "too few people to tell")])
def test_a_sent_campaign_shows_its_verdict(as_user, mara, anton, days_ago, verdict):
    Customer.objects.create(external_id="1")
    campaign = sent_campaign(mara, anton, days_ago)
    counted()
    shown = as_user(mara).get("/").content.decode()
    assert f"/campaigns/{campaign.pk}/" in shown
    assert verdict in shown


def test_approvers_are_called_and_nobody_to_their_own(mara, anton):
    campaign = sent_campaign(mara, anton, 1)
    Campaign.objects.filter(pk=campaign.pk).update(state="submitted", decided_by=None)
    assert [item.text for item in waiting_for(anton)] == ["1 campaign waits for your approval"]
    Campaign.objects.filter(pk=campaign.pk).update(submitted_by=anton)
    assert not waiting_for(anton)


def test_home_in_both_languages_without_a_storm_of_queries(mara, sell, django_assert_max_num_queries):
    sell("110", 1)
    counted()
    for language in ("en", "zh-hans"):
        client = Client()
        client.force_login(mara)
        client.cookies["django_language"] = language
        with django_assert_max_num_queries(30):
            answer = client.get("/")
        assert f'lang="{language}"' in answer.content.decode()


def test_a_failed_job_waits_until_a_later_run_succeeds(mara):
    JobRun.objects.create(name="segments.refresh", state="failed", error="There are no orders yet.")
    assert ["There are no orders yet." in item.text for item in waiting_for(mara)] == [True]
    JobRun.objects.create(name="segments.refresh", state="succeeded")
    assert not waiting_for(mara)


def test_an_impossible_plan_waits_for_those_who_plan(mara, anton):
    BudgetPlanFactory(status=BudgetPlan.Status.INFEASIBLE)
    assert len(waiting_for(mara)) == 1
    assert not waiting_for(anton)


def test_health_needs_no_login(client, db):
    assert client.get("/health/").json() == {"status": "ok"}


def test_strangers_are_sent_to_the_login_page_in_their_language(client, db):
    answer = client.get("/", follow=True, headers={"Accept-Language": "zh-CN"})
    assert answer.redirect_chain[0][0].startswith("/admin/login/")
    assert 'lang="zh-hans"' in answer.content.decode()


def test_demo_logins_are_named_on_a_demo_only(client, db, settings, django_user_model):
    django_user_model.objects.create_user("marketer")
    settings.LOCAL = True
    assert "password demo" in client.get("/admin/login/").content.decode()
    settings.LOCAL = False
    assert "password demo" not in client.get("/admin/login/").content.decode()
