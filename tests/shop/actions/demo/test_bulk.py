"""Ids taken in advance, and columns written by COPY."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection

from shop.actions.demo.bulk import NULL, copy, nullable, reserve, times
from shop.models import CustomerAlias
from tests.factories import CustomerFactory


def test_columns_as_copy_takes_them() -> None:
    assert nullable(np.array([3, -1])) == [3, NULL]
    assert times(np.array([0])) == ["1970-01-01T00:00:00Z"]


@pytest.mark.django_db
def test_reserved_ids_are_written_and_not_given_out_again() -> None:
    customer = CustomerFactory()
    with connection.cursor() as cursor:
        first = reserve(cursor, CustomerAlias, 3)
        copy(
            cursor,
            CustomerAlias,
            ["id", "anonymous_id", "customer_id"],
            [range(first, first + 3), ["a", "b", "c"], [customer.pk] * 3],
        )
    later = CustomerAlias.objects.create(anonymous_id="d", customer=customer)
    assert (CustomerAlias.objects.count(), later.pk) == (4, first + 3)
