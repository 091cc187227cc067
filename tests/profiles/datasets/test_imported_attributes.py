from __future__ import annotations

import pytest

from profiles.datasets.imported_attributes import imported_attributes
from profiles.models import CustomFeature
from tests.factories import CustomerFactory


def test_what_programs_write_for_nothing_makes_no_category_of_a_number(db):
    for i, entry in enumerate(["12", "7", "NaN", "inf", "null", "N/A"]):
        CustomerFactory(external_id=f"a{i}", attributes={"shoe": entry, "colour": "red" if i % 2 else "nan"})
    found = {attribute.name: attribute for attribute in imported_attributes()}
    assert found["shoe"].kind == CustomFeature.Kind.NUMBER
    assert found["shoe"].coverage == pytest.approx(2 / 6)
    assert found["colour"].examples == ["red"]


def test_kinds_are_told_by_what_most_entries_are(db):
    for i in range(40):
        attributes = {"joined": f"2024-03-{i % 28 + 1:02}", "note": f"text {i}", "age": 30}
        CustomerFactory(external_id=f"k{i}", attributes=attributes)
    found = {attribute.name: attribute for attribute in imported_attributes()}
    assert found["joined"].kind == CustomFeature.Kind.DATE
    assert found["note"].kind is None, "free text"
    assert "age" not in found, "the catalogue reads it"


def test_few_bands_are_numbers_and_many_are_nothing(db):
    for i in range(40):
        attributes = {"household": ["1", "2", "5+"][i % 3], "paid": f"{i}-{i + 9} EUR", "size": "S-M"}
        CustomerFactory(external_id=f"b{i}", attributes=attributes)
    found = {attribute.name: attribute.kind for attribute in imported_attributes()}
    assert found["household"] == CustomFeature.Kind.NUMBER
    assert found["paid"] is None, "forty different ones are no bands"
    assert found["size"] == CustomFeature.Kind.CATEGORY
