"""Active placements as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import timezone

from ads.datasets.placements import active_placements, placement_data
from tests.ads.conftest import placement, report

pytestmark = pytest.mark.django_db


def test_arrays_of_one_currency_without_what_has_no_rate() -> None:
    placement("A", 3, 100, 400)
    placement("B", 2)
    placement("Elsewhere", 9, currency="EUR")
    placement("Unknown", 9, pricing="cpc")
    placement("Archived", 9, active=False)
    report("A", 45, 20)
    data = placement_data(as_of=timezone.now(), currency="GBP")
    assert [row.name for row in data.placements] == ["A", "B"]
    assert [row.name for row in data.incomplete] == ["Unknown"]
    assert data.returns.tolist() == [3, 2]
    assert (data.low.tolist(), data.high.tolist()) == ([100, 0], [400, np.inf])
    assert data.recent.tolist() == [600, 0]


def test_recent_spend_is_of_the_placements_own_currency() -> None:
    placement("A", 3)
    report("A", 30, 20, currency="EUR")
    (row,) = active_placements(as_of=timezone.now())
    assert row.recent_spend == 0
