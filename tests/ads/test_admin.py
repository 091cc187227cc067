"""Placements, ad reports and plans in the admin."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ads.conftest import report
from tests.factories import BudgetPlanFactory, PlacementFactory

pytestmark = pytest.mark.django_db


def test_amounts_are_shown_as_people_write_them(mara, as_user, admin_client):
    row = PlacementFactory(
        price=Decimal("0.3509"), min_spend=Decimal(0), conversion_value=Decimal("5.9900"), currency="EUR"
    )
    page = as_user(mara).get(f"/ads/placements/{row.pk}/").content.decode()
    for typed in ("0.3509", "0.00", "5.99"):
        assert f'value="{typed}"' in page
    for address in ("/admin/ads/placement/", f"/admin/ads/placement/{row.pk}/change/"):
        shown = admin_client.get(address).content.decode()
        assert "€0.3509" in shown
        assert "€5.99" in shown
        assert "5.9900" not in shown
    plan = BudgetPlanFactory(budget=Decimal(1000))
    assert "£1,000.00" in admin_client.get(f"/admin/ads/budgetplan/{plan.pk}/change/").content.decode()
    report("A", 1, 10.5, currency="EUR")
    assert "€10.50" in admin_client.get("/admin/ads/adreport/").content.decode()
