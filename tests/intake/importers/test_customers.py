"""Cells of a list of customers."""

from __future__ import annotations

import pytest

from intake.importers.customers import CustomerReading, attribute_columns, read_attribute, read_language
from intake.importers.policies import Policy
from intake.models import FileImport


def test_cells():
    assert [read_attribute(cell) for cell in ("34", "01067", "2.50", "-1", "Bonn")] == [
        34,
        "01067",
        2.5,
        -1,
        "Bonn",
    ]
    assert [read_language(cell) for cell in ("en_GB", "Deutsch", "zh-Hans")] == ["en-GB", "de", "zh-Hans"]
    with pytest.raises(ValueError, match="code"):
        read_language("Klingon tongue")
    assert attribute_columns(["id", "Alter", "", "Age"], {1, 2, 3}) == {"age": 1}


def test_overwriting_is_the_policy_to_replace() -> None:
    reading = CustomerReading(FileImport.Format.CUSTOMERS, "utf-8", ",")
    assert reading.policy is Policy.FILL
    assert CustomerReading(FileImport.Format.CUSTOMERS, "utf-8", ",", overwrite=True).policy is Policy.REPLACE


def test_a_column_that_becomes_a_field_is_no_attribute_any_longer() -> None:
    reading = CustomerReading(
        FileImport.Format.CUSTOMERS, "utf-8", ",", {"customer_id": 0}, attributes={"b": 1, "c": 2}
    )
    changed = reading.with_mapping({"customer_id": 0, "email": 1}, ["a", "b", "c"])
    assert (changed.mapping, changed.attributes) == ({"customer_id": 0, "email": 1}, {"c": 2})
