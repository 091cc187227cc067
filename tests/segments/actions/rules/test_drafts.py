"""Whom a rule finds, and what a change would do, before anything is saved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backoffice.errors import Refused
from segments.actions.rules.drafts import combine, count_rule, preview_rule, rule_difference
from segments.actions.rules.saving import save_rule
from segments.models import RuleMember, Segment
from tests.planted import EACH
from tests.segments.actions.rules.rules import OFTEN


def test_a_preview_tells_size_share_and_worth_and_saves_nothing(shop, mara):
    found = preview_rule(tree=OFTEN, by=mara)
    assert (found.size, found.share, found.currency) == (EACH, pytest.approx(1 / 3), "GBP")
    assert found.revenue_share > 0.9
    assert found.revenue > Decimal(12 * 150 * EACH)
    assert {customer.pk for customer in found.sample} < set(shop["loyal"])
    assert not Segment.objects.exists()
    assert count_rule(tree=OFTEN, by=mara) == EACH


def test_set_algebra(shop, mara):
    often, thrice = (
        save_rule(tree=OFTEN, name="A", by=mara),
        save_rule(tree={"field": "frequency", "op": "!=", "value": 2}, name="B", by=mara),
    )
    sizes = {
        how: preview_rule(tree=combine(segments=[thrice, often], how=how), by=mara).size
        for how in ("union", "intersection", "difference")
    }
    assert sizes == {"union": 2 * EACH, "intersection": EACH, "difference": EACH}
    with pytest.raises(Refused, match="at least two"):
        combine(segments=[often, often], how="union")


def test_a_difference_saves_nothing(shop, mara):
    segment = save_rule(tree=OFTEN, name="Regulars", by=mara)
    found = rule_difference(segment=segment, tree={"field": "frequency", "op": "<=", "value": 2}, by=mara)
    assert (found.enters, found.leaves, found.stays) == (2 * EACH, EACH, 0)
    assert len(found.entering) == len(found.leaving) == 10
    assert RuleMember.objects.filter(segment=segment).count() == EACH
