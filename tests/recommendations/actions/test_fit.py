from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommendations.actions.fit import baseline_configurations, configurations, enough
from recommendations.algorithms.methods import BASELINE, personal_methods
from tests.recommendations.algorithms.shops import interactions, random_shop


@pytest.mark.parametrize(
    ("customers", "products", "cells", "expected"),
    [(30, 10, 100, True), (29, 10, 100, False), (30, 9, 100, False), (30, 10, 99, False)],
)
def test_how_much_is_enough(customers, products, cells, expected):
    confidence = np.zeros(customers * products)
    confidence[:cells] = 1
    facts = interactions(csr_matrix(confidence.reshape(customers, products)))
    assert enough(facts) == expected


def test_every_personal_method_is_tried():
    tried = configurations(random_shop())
    assert {configuration.method for configuration in tried} == set(personal_methods())
    assert tried[0].method is personal_methods()[0]


def test_a_configuration_fits_and_is_stored_by_name():
    facts = random_shop()
    assert configurations(facts)[0].fit(facts, seed=1)
    assert all(isinstance(value, int | float) for value in configurations(facts)[0].as_json().values())
    assert isinstance(baseline_configurations()[0].fit(facts, seed=1), BASELINE)
