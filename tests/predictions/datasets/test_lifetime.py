from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from predictions.datasets.lifetime import kept_share, purchase_histories
from shop.models import Order
from tests.planted import TODAY, buy
from tests.predictions.datasets.conftest import ago


def test_purchase_days_of_histories(ann, tea):
    buy(ann, tea, ago(70) + timedelta(hours=1), Decimal(40))  # the same day: one purchase of 60
    buy(ann, tea, ago(20), Decimal(999), currency="JPY")
    known = purchase_histories(as_of=TODAY, currency="GBP")
    assert known.ids.tolist() == [ann.pk]
    assert (known.frequency[0], known.recency[0], known.age[0]) == (3, 90, 100)
    assert known.value[0] == pytest.approx((60 + 20) / 2)
    amounts = [known.usual[0] * known.paid[0], known.total[0]]
    assert amounts == pytest.approx([known.total[0], known.total[0]])
    assert known.paid[0] == 3


def test_a_giant_order_counts_for_no_more_than_the_cap(ann, tea):
    for day in range(60, 80):
        buy(ann, tea, ago(day), Decimal(10))
    before = purchase_histories(as_of=TODAY, currency="GBP")
    buy(ann, tea, ago(3), Decimal(1_000_000))
    known = purchase_histories(as_of=TODAY, currency="GBP")
    assert known.total[0] == pytest.approx(before.total[0] + 1_000_000)
    assert known.cap < 1000
    assert known.usual[0] < before.usual[0] + known.cap / 20
    assert purchase_histories(as_of=TODAY, currency="JPY").cap == 0


def test_returns_lower_what_is_kept(ann, tea):
    assert kept_share(as_of=TODAY, currency="GBP") == 1
    buy(ann, tea, ago(5), Decimal(15), quantity=-1, status=Order.Status.CANCELLATION)
    assert kept_share(as_of=TODAY, currency="GBP") == pytest.approx(0.75)
