from __future__ import annotations

import numpy as np
import pytest
from django.db import connection

from profiles.algorithms.scaling import outer_fence
from profiles.datasets.fences import fence_of

AMOUNTS = np.random.default_rng(3).lognormal(3, 1, 500)


@pytest.mark.parametrize(
    "amounts",
    [
        AMOUNTS,
        np.append(AMOUNTS, [1e9, -5.0, 0.0]),
        np.array([7.0]),
        np.array([1.0] * 200 + [1e6]),
        np.array([-1.0, 0.0]),
    ],
)
def test_sql_and_arrays_have_the_same_fence(db, amounts):
    with connection.cursor() as cursor:
        cursor.execute(fence_of("amount", "unnest(%s::float8[]) AS given(amount)"), [amounts.tolist()])
        (fence,) = cursor.fetchone()
    assert (np.inf if fence is None else fence) == pytest.approx(outer_fence(amounts))
