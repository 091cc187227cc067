from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from profiles.datasets.features import customer_features
from segments.actions.naming import name_groups
from segments.actions.proposals import choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.segments import rename_segment
from segments.algorithms.naming import ARCHETYPES
from segments.models import (
    FeatureSnapshot,
    Membership,
    Method,
    Segment,
    SegmentRun,
    SegmentSnapshot,
)
from shop.models import Customer, Order, OrderLine
from tests.planted import EACH, TODAY, buy


def groups(method: str = Method.KMEANS) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for slug, customer in (
        Membership.objects.in_force().filter(run__method=method).values_list("segment__slug", "customer_id")
    ):
        found.setdefault(slug, set()).add(customer)
    return found


def test_planted_groups_are_found_and_named(planted):
    refresh_segments(as_of=TODAY)
    found = groups()
    assert found["champions"] == set(planted["loyal"])
    assert found["lost"] == set(planted["lost"])
    assert found["new"] == set(planted["new"])


def test_snapshots_hold_sizes_revenue_and_reasons(planted):
    run, _rfm = refresh_segments(as_of=TODAY)
    snapshots = {one.segment.slug: one for one in SegmentSnapshot.objects.in_force(Method.KMEANS)}
    assert sum(one.size for one in snapshots.values()) == run.customers == 3 * EACH
    assert sum(one.revenue_share for one in snapshots.values()) == pytest.approx(1)
    assert snapshots["champions"].revenue_share > 0.9
    assert "monetary" in snapshots["champions"].reasons
    assert run.currency == "GBP"


def test_a_word_that_says_the_contrary_is_not_taken(planted):
    known = customer_features(as_of=TODAY)
    buyers = known.only(known.buyers)
    labels = np.select(
        [np.isin(buyers.ids, planted["loyal"]), np.isin(buyers.ids, planted["lost"])], [0, 1], 2
    )

    def called(taken: set[str], groups=(1,)) -> list[str]:
        used = ["recency", "frequency", "monetary", "tenure"]
        return [group.name.text for group in name_groups(buyers, labels, groups, used=used, taken=taken)]

    assert called(set()) == ["Lost"]
    others = set(ARCHETYPES)
    assert called(others - {"new"}) == ["Silent rare low-value buyers"]
    assert called(others, (0, 1, 2)) == [
        "Recent frequent high-value buyers",
        "Silent rare low-value buyers",
        "Recent rare low-value buyers",
    ]
    (apart,) = called({*others, "silent-rare-low-value-buyers"})
    assert apart.startswith("Days since last order high, Days since first order ")


def test_everybody_is_in_exactly_one_group_of_each_method(planted):
    Customer.objects.create(external_id="looker", created_at=TODAY - timedelta(days=3))
    refresh_segments(as_of=TODAY)
    everyone = groups()
    assert everyone["no-purchase"] == {Customer.objects.get(external_id="looker").pk}
    assert sum(map(len, everyone.values())) == len(set.union(*everyone.values())) == 3 * EACH + 1
    assert set.union(*groups(Method.RFM).values()) == {pk for kind in planted.values() for pk in kind}


def test_the_next_run_keeps_identities(planted, tea):
    refresh_segments(as_of=TODAY)
    before, identities = groups(), set(Segment.objects.values_list("pk", flat=True))
    for pk in planted["new"][:3]:
        buy(Customer.objects.get(pk=pk), tea, TODAY, Decimal(45))
    run, _rfm = refresh_segments(as_of=TODAY + timedelta(days=1))
    assert run.generation == SegmentRun.objects.filter(method=Method.KMEANS).earliest("pk")
    assert groups() == before
    assert set(Segment.objects.values_list("pk", flat=True)) == identities


def test_same_facts_and_seed_same_result(planted):
    first, _rfm = refresh_segments(as_of=TODAY, seed=5)
    second, _rfm = refresh_segments(as_of=TODAY, seed=5, fresh=True)
    assert first.estimator.behaviour.centres == second.estimator.behaviour.centres
    assert first.number_of_groups == second.number_of_groups


def test_a_crash_leaves_the_old_run_in_force(planted, monkeypatch):
    refresh_segments(as_of=TODAY)
    before = groups()
    monkeypatch.setattr(SegmentRun, "publish", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh_segments(as_of=TODAY)
    assert groups() == before
    assert SegmentRun.objects.count() == 2


def test_too_few_customers_are_refused_with_the_remedy(db):
    with pytest.raises(Refused, match="at least 20 customers with an order; there are 0"):
        refresh_segments()


def test_customers_who_are_all_alike_are_refused(tea):
    for i in range(25):
        customer = Customer.objects.create(external_id=f"c{i}", created_at=TODAY - timedelta(days=50))
        buy(customer, tea, TODAY - timedelta(days=9), Decimal(10))
    with pytest.raises(Refused, match="look alike"):
        refresh_segments(as_of=TODAY)


def test_a_giant_customer_and_orders_of_the_future_move_nobody(planted, tea):
    buy(Customer.objects.get(pk=planted["loyal"][0]), tea, TODAY - timedelta(days=2), Decimal(10**8))
    for pk in planted["lost"]:
        buy(Customer.objects.get(pk=pk), tea, TODAY + timedelta(days=300), Decimal(50))
    refresh_segments(as_of=TODAY)
    assert {frozenset(ids) for ids in groups().values()} == {frozenset(ids) for ids in planted.values()}


def test_more_groups_than_different_customers_are_refused(tea, planted, mara):
    refresh_segments(as_of=TODAY)
    Customer.objects.exclude(pk__in=planted["new"][:20]).delete()
    Order.objects.update(placed_at=TODAY - timedelta(days=3))
    OrderLine.objects.filter(order__customer__in=planted["new"][:5]).update(unit_price=99)
    OrderLine.objects.filter(order__customer__in=planted["new"][5:20]).update(unit_price=11)
    choose_number_of_groups(k=9, by=mara)
    with pytest.raises(Refused, match="fewer than 9 different customers"):
        refresh_segments(as_of=TODAY, fresh=True)


def test_old_members_are_forgotten_and_history_stays(planted, monkeypatch):
    monkeypatch.setattr("segments.actions.pruning.RUNS_KEPT", 1)
    for day in range(3):
        refresh_segments(as_of=TODAY + timedelta(days=day))
    assert Membership.objects.filter(run__method=Method.KMEANS).values("run").distinct().count() == 1
    assert FeatureSnapshot.objects.values("run").distinct().count() == 1
    assert SegmentSnapshot.objects.filter(run__method=Method.KMEANS).values("run").distinct().count() == 3


def test_erasing_a_customer_erases_what_was_derived(planted):
    refresh_segments(as_of=TODAY)
    Customer.objects.filter(pk=planted["new"][0]).delete()
    assert not Membership.objects.filter(customer_id=planted["new"][0]).exists()
    assert not FeatureSnapshot.objects.filter(customer_id=planted["new"][0]).exists()


def test_renaming_is_audited_and_needs_the_right(planted, mara, ines):
    refresh_segments(as_of=TODAY)
    segment = Segment.objects.get(method=Method.KMEANS, slug="champions")
    rename_segment(segment=segment, name=" VIPs ", by=mara)
    assert Segment.objects.get(pk=segment.pk).name == "VIPs"
    assert AuditEntry.about(segment).get().details == {"before": "Champions", "after": "VIPs"}
    with pytest.raises(PermissionDenied):
        rename_segment(segment=segment, name="x", by=ines)


@pytest.mark.parametrize("name", ["x" * 81, "a\x00b"])
def test_a_name_that_cannot_be_stored_is_refused(planted, mara, name):
    refresh_segments(as_of=TODAY)
    with pytest.raises(Refused, match="at most 80"):
        rename_segment(segment=Segment.objects.earliest("pk"), name=name, by=mara)
