from __future__ import annotations

from datetime import timedelta

from profiles.datasets.thresholds import shop_thresholds
from tests.factories import CustomerCountersFactory
from tests.planted import TODAY


def test_lines_are_drawn_where_a_fifth_and_a_quarter_of_the_buyers_are(db):
    for n in range(1, 21):
        CustomerCountersFactory(
            counted_at=TODAY,
            frequency=n,
            monetary=100 * n,
            average_order_value=100,
            visits=n,
            first_order_at=TODAY - timedelta(days=30 * n),
            last_order_at=TODAY - timedelta(days=30),
        )
    found = shop_thresholds(as_of=TODAY)
    assert (found.buyers, found.much, found.often, found.large_order) == (20, 1600, 15, 100)
    assert (found.interval, found.visits) == (30, 10)


def test_an_empty_shop_has_cautious_guesses(db):
    found = shop_thresholds(as_of=TODAY)
    assert (found.buyers, found.often, found.interval, found.visits) == (0, 3, 60, 3)
