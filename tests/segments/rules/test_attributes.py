from __future__ import annotations

from segments.rules.attributes import attribute_fields
from segments.rules.fields import Kind
from tests.factories import CustomerFactory


def test_what_programs_write_for_nothing_does_not_decide_what_an_attribute_is(db):
    for i, height in enumerate(["1.80", "1.75", "Infinity", "NaN", "n/a"]):
        CustomerFactory(external_id=f"h{i}", attributes={"height": height, "city": "Rome" if i else "none"})
    found = attribute_fields()
    assert found["attribute.height"].kind is Kind.NUMBER
    assert found["attribute.city"].kind is Kind.TEXT


def test_numbers_beside_one_with_a_leading_zero_are_texts(db):
    for i, postcode in enumerate(["10115", "10117", "10119", "01067"]):
        CustomerFactory(
            external_id=f"z{i}", attributes={"postcode": postcode, "share": ["0.5", "0", 7, 8][i]}
        )
    found = attribute_fields()
    assert found["attribute.postcode"].kind is Kind.TEXT
    assert found["attribute.share"].kind is Kind.NUMBER
