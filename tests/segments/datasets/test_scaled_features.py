from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np

from profiles.datasets.features import BY_KEY, customer_features
from segments.datasets.scaled_features import plain_values, standardised
from shop.models import Customer
from tests.planted import TODAY, buy


def test_one_giant_customer_counts_as_the_fence(planted, tea):
    before = plain_values(customer_features(as_of=TODAY), ["monetary"]).max()
    giant = Customer.objects.get(pk=planted["new"][0])
    buy(giant, tea, TODAY - timedelta(days=9), Decimal(10**9))
    rows = customer_features(as_of=TODAY)
    values = plain_values(rows, ["monetary", "frequency"])
    assert rows.column("monetary").max() > 10**8
    assert before <= values[:, 0].max() < 20 * before
    assert (values[:, 1] == rows.column("frequency")).all(), "only money has a fence"


def test_differences_become_comparable_and_constants_nothing():
    values = np.column_stack([np.arange(100.0), np.full(100, 7.0)])
    features = [BY_KEY["recency"], BY_KEY["frequency"]]
    scaled = standardised(values, features)
    assert 0.9 < scaled[:, 0].std() <= 1.01, "giants are cut off"
    assert (scaled[:, 1] == 0).all()
    assert (standardised(values[:, 1:], features[1:]) == 0).all()
