"""What no customer can have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_that_some_zone_cannot_show_is_not_stored(year: int) -> None:
    with pytest.raises(IntegrityError):
        CustomerFactory(created_at=datetime(year, 1, 1, tzinfo=UTC))
