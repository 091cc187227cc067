"""Placements by hand and from the reports."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from ads.actions import placements
from ads.models import Placement
from backoffice.models import AuditEntry
from tests.ads.conftest import placement, report

pytestmark = pytest.mark.django_db


def test_placements_from_reports(mara):
    report("Steady click", 60, 50, clicks=100, conversions=10)
    report("Tiny", 2, 1, clicks=2, conversions=2)
    assert placements.placements_from_reports(by=mara) == {"added": 2, "refreshed": 0, "kept": 0}
    steady, tiny = Placement.objects.get(name="Steady click"), Placement.objects.get(name="Tiny")
    assert (steady.pricing, steady.price) == ("cpc", Decimal("0.5"))
    assert steady.conversion_rate == pytest.approx(0.1, rel=0.01)
    assert steady.max_spend == 2250  # 150 % of 30 days of 50
    assert 0.1 < tiny.conversion_rate < 0.2  # four clicks that all converted prove little
    assert steady.roas == pytest.approx(0.1 * 12 / 0.5, rel=0.01)


def test_what_staff_entered_is_not_overwritten(mara):
    report("A", 40, 50), report("B", 40, 50)
    placements.placements_from_reports(by=mara)
    chosen = Placement.objects.get(name="A")
    chosen.price = Decimal(7)
    placements.save_placement(by=mara, placement=chosen)
    placements.archive_placement(by=mara, placement=Placement.objects.get(name="B"))
    report("C", 40, 50)
    assert placements.placements_from_reports(by=mara) == {"added": 1, "refreshed": 1, "kept": 1}
    assert Placement.objects.get(name="A").price == 7
    assert not Placement.objects.get(name="B").active


def test_archiving_is_recorded_and_can_be_undone(mara, ines):
    row = placement("A", 3)
    with pytest.raises(PermissionDenied):
        placements.archive_placement(by=ines, placement=row)
    assert not placements.archive_placement(by=mara, placement=row).active
    assert placements.archive_placement(by=mara, placement=row, archived=False).active
    verbs = AuditEntry.about(row).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["placement.archive", "placement.restore"]
