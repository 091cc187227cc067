from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from ads.models import Placement
from backoffice.errors import Refused
from backoffice.models import AuditEntry, JobRun
from campaigns.models import Message
from marketops.demo import empty_demo
from predictions.models import PredictionRun
from recommendations.actions.refresh import refresh_recommendations
from recommendations.models import CustomerRecommendations
from segments.actions.refresh import refresh_segments
from segments.models import (
    FeatureSnapshot,
    Membership,
    Segment,
    SegmentRun,
)
from shop.actions.demo.seeding import seed_demo
from shop.models import Customer, Order


@pytest.fixture
def demo(db) -> None:
    seed_demo(customers=60)
    refresh_segments()
    refresh_recommendations(compare=False)
    run = PredictionRun.objects.create(
        kind="buys_30", as_of=timezone.now(), horizon_days=30, champion="forest"
    )
    run.publish()
    JobRun.objects.create(name="predictions.refresh", state=JobRun.State.SUCCEEDED)
    Placement.objects.create(
        platform="Search", name="Brand", pricing="cpc", price=1, currency="GBP", conversion_value=30
    )
    Message.objects.create(name="Mine", subject="Hello", body="Hello")


def test_the_demo_leaves_with_all_that_was_derived(demo, mara, as_user):
    browser = as_user(mara)
    assert CustomerRecommendations.objects.exists()
    assert reverse("demo") in browser.get(reverse("intake:imports")).text
    response = browser.post(reverse("demo"))
    assert response["Location"] == reverse("intake:imports")
    for model in (
        Customer,
        Order,
        SegmentRun,
        Segment,
        Membership,
        FeatureSnapshot,
        CustomerRecommendations,
        Placement,
    ):
        assert not model.objects.exists()
    assert not PredictionRun.objects.exists()
    assert not JobRun.objects.filter(name="predictions.refresh").exists()
    assert Message.objects.count() == 1
    assert AuditEntry.objects.get(verb="shop.remove_demo").by == mara


def test_real_data_are_never_emptied(demo, mara):
    Order.objects.create(number="1001", placed_at="2026-01-01T00:00Z", currency="GBP")
    with pytest.raises(Refused, match="not from the demo"):
        empty_demo(by=mara)
    assert Customer.objects.count() == 60
    assert SegmentRun.objects.exists()


def test_only_who_imports_may_empty(demo, ines, as_user):
    assert as_user(ines).post(reverse("demo")).status_code == 403
    assert Customer.objects.count() == 60


def test_numbers_go_on_so_that_the_audit_trail_stays_true(demo, mara):
    before = Segment.objects.order_by("-pk").values_list("pk", flat=True)[0]
    empty_demo(by=mara)
    assert Segment.objects.create(method="kmeans", slug="lost", name_key="Lost", colour="#000000").pk > before
