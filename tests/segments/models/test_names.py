from __future__ import annotations

import pytest

from segments.models import SegmentName, SegmentSlug, Trait


@pytest.mark.parametrize("text", ["champions", "2--champions", "spring--lost"])
def test_a_slug_reads_as_it_was_written(text):
    assert str(SegmentSlug.parse(text)) == text


@pytest.mark.parametrize("key", ["Champions", "young|frequent|women", "+Orders|-Visits|=men", "Spring::Lost"])
def test_a_name_key_reads_as_it_was_written(key):
    assert SegmentName.parse(key).key == key


def test_a_name_makes_the_kind_of_its_slug():
    assert SegmentName(("young", "low-value", "women")).kind == "young-low-value-women"
    traits = (Trait("Orders", "high"), Trait("men", "has"))
    assert SegmentName(traits=traits).kind == "high-orders-men"
    assert len(SegmentName(traits=(Trait("Average order value over the last year", "high"),)).kind) <= 40
    assert SegmentName(traits=(Trait("年龄", "has"),)).kind == "group", "nothing of it can be in an address"
