"""Sizes and revenue of segments by rule, day by day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.models import Sum
from django.utils import timezone

from segments.actions.rules import catch_up as catching_up
from segments.actions.rules.catch_up import catch_up, recount
from segments.actions.rules.saving import save_rule
from segments.models import RuleSize
from shop.actions.personal_data import erase_customer
from shop.models import Customer
from tests.segments.actions.rules.arrivals import message, order, receive

pytestmark = pytest.mark.django_db


def test_sizes_are_kept_a_day_each(planted, ada):
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 2}, name="Again", by=ada)
    RuleSize.objects.update(day=datetime(2026, 1, 1, tzinfo=UTC).date())
    recount()
    assert [size.size for size in RuleSize.objects.filter(segment=segment)] == [80, 80]


def test_shares_are_of_everybody_there_is_now(ada):
    for n in range(4):
        receive(ada, order(f"A{n}", f"first-{n}"))
    catch_up()
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    for n in range(6):
        receive(ada, order(f"B{n}", f"later-{n}"))
    catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (10, 1.0)
    erase_customer(by=ada, customer=Customer.objects.get(external_id="later-0"))
    catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (9, 1.0)


def test_revenue_follows_arrivals_one_by_one(planted, ada, tea):
    recount()
    often = save_rule(tree={"all": [{"field": "frequency", "op": ">=", "value": 3}]}, name="Often", by=ada)
    everybody = save_rule(
        tree={"all": [{"field": "frequency", "op": ">=", "value": 0}]}, name="Everybody", by=ada
    )

    def agree() -> None:
        catch_up()
        kept = {size.segment_id: size for size in RuleSize.objects.filter(day=timezone.now().date())}
        for segment in (often, everybody):
            now = kept[segment.pk]
            spent = segment.members().aggregate(all=Sum("counters__monetary"))["all"]
            assert now.size == segment.members().count()
            assert float(now.revenue) == pytest.approx(spent)
        assert kept[everybody.pk].revenue_share == pytest.approx(1)
        assert kept[often.pk].revenue_share == pytest.approx(
            float(kept[often.pk].revenue / kept[everybody.pk].revenue)
        )

    receive(ada, order("a1", user="new-0", price=500), order("a2", user="fresh", price=90))
    agree()
    receive(ada, *(order(f"b{n}", user="fresh", price=70) for n in range(3)))  # comes into a segment
    agree()
    RuleSize.objects.all().delete()  # another day
    receive(ada, message("Order Refunded", "fresh", order_id="a2"))
    agree()


def test_the_first_few_that_arrive_are_shares_of_everybody(planted, ada, tea):
    """After the demo was emptied nobody has been counted yet."""
    segment = save_rule(name="Any order", tree={"field": "frequency", "op": ">=", "value": 1}, by=ada)
    for number in ("N1", "N2"):
        receive(ada, order(number, f"new-{number}"))
        catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (122, 1.0)


def test_many_arrivals_add_up_the_revenue_too(ada, monkeypatch):
    monkeypatch.setattr(catching_up, "MANY", 50)
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, *[order(f"A{n}", f"C{n}", price=7) for n in range(catching_up.MANY)])
    catch_up()
    assert RuleSize.objects.get(segment=segment).revenue == 7 * catching_up.MANY
