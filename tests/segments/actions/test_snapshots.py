"""Each segment as a run found it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from segments.actions.groupings import group_customers, plan_grouping
from segments.actions.refresh import refresh_segments
from segments.models import Method, SegmentSnapshot
from shop.models import Customer
from tests.planted import EACH, TODAY, buy


def test_snapshots_hold_sizes_revenue_and_reasons(planted):
    run, _rfm = refresh_segments(as_of=TODAY)
    snapshots = {
        snapshot.segment.slug: snapshot for snapshot in SegmentSnapshot.objects.in_force(Method.KMEANS)
    }
    assert sum(snapshot.size for snapshot in snapshots.values()) == run.customers == 3 * EACH
    assert sum(snapshot.revenue_share for snapshot in snapshots.values()) == pytest.approx(1)
    assert snapshots["champions"].revenue_share > 0.9
    assert "monetary" in snapshots["champions"].reasons
    assert run.currency == "GBP"


def test_one_giant_customer_does_not_make_everybody_else_poor(planted, tea, mara):
    buy(Customer.objects.get(pk=planted["new"][0]), tea, TODAY - timedelta(days=2), Decimal(9_000_000))
    plan = plan_grouping(
        title="By buying",
        method=Method.KMEANS,
        features=["recency", "frequency", "monetary", "tenure"],
        groups=3,
        by=mara,
    )
    run = group_customers(plan_id=plan.pk, as_of=TODAY)
    for snapshot in run.snapshots.all():
        money = {row.feature: row.overall for row in snapshot.profile.features}
        assert 100 < money["monetary"] < 10_000
