from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from profiles.actions.counters import count_everybody, count_some, currency_of_counters
from profiles.models import CountersUpdate, CustomerCounters
from tests.factories import CustomerFactory
from tests.planted import TODAY, buy

pytestmark = pytest.mark.django_db


def test_everybody_is_counted_like_the_features(planted):
    assert count_everybody(as_of=TODAY) == 120
    counters = CustomerCounters.objects.get(pk=planted["loyal"][0])
    assert counters.frequency == 12
    assert counters.monetary == pytest.approx(12 * 180, rel=0.2)
    assert TODAY - counters.last_order_at < timedelta(days=10)
    update = CountersUpdate.objects.get()
    assert (update.customers, update.currency) == (120, "GBP")


def test_a_few_are_counted_again_with_all_who_share_their_address(planted, tea):
    count_everybody(as_of=TODAY)
    ann, twin = (CustomerFactory(email="ann@example.com", created_at=TODAY) for _ in range(2))
    buy(twin, tea, TODAY, Decimal(30))
    later = TODAY + timedelta(hours=1)
    assert set(count_some([twin.pk], as_of=later)) == {ann.pk, twin.pk}
    assert CustomerCounters.objects.get(pk=ann.pk).monetary == 30, "the oldest record stands for the person"
    assert not CustomerCounters.objects.filter(pk=twin.pk).exists()
    assert CountersUpdate.objects.get().customers == 121


def test_a_later_count_is_kept_by_an_earlier_one(planted, tea):
    loyal = planted["loyal"][0]
    count_some([loyal], as_of=TODAY + timedelta(hours=1))
    count_everybody(as_of=TODAY)
    assert CustomerCounters.objects.get(pk=loyal).counted_at == TODAY + timedelta(hours=1)


def test_the_currency_is_that_of_the_last_full_count(planted):
    assert currency_of_counters(TODAY) == "GBP"
    count_everybody(as_of=TODAY)
    CountersUpdate.objects.update(currency="EUR")
    assert currency_of_counters(TODAY) == "EUR"
