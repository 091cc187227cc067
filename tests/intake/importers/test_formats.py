"""What a reading still lacks, and what it may not say twice."""

from __future__ import annotations

from dataclasses import asdict, replace

from django.utils import timezone

from intake.importers.formats import FIELDS, REQUIRED, Format, Reading
from intake.importers.policies import Policy

WHOLE = Reading(
    Format.GENERIC,
    "utf-8",
    ",",
    {"order_number": 0, "ordered_at": 1, "sku": 2, "quantity": 3, "unit_price": 4},
    currency="EUR",
)


def test_a_whole_reading_lacks_nothing() -> None:
    assert WHOLE.unfinished() == {}
    assert WHOLE.clashes() == {}
    assert WHOLE.policy is Policy.FILL
    assert Reading(**asdict(WHOLE)) == WHOLE


def test_what_is_missing_is_named() -> None:
    empty = replace(WHOLE, mapping={}, currency="", date_order="")
    assert empty.unfinished().keys() == {*REQUIRED, "unit_price", "currency", "date_order"}


def test_a_total_stands_in_for_a_price() -> None:
    mapping = {**WHOLE.mapping, "line_total": 4}
    del mapping["unit_price"]
    assert replace(WHOLE, mapping=mapping).unfinished() == {}


def test_one_column_holds_one_of_the_needed_things() -> None:
    clash = replace(WHOLE, mapping={**WHOLE.mapping, "unit_price": 3}).clashes()
    assert clash.keys() == {"unit_price"}
    assert "Quantity" in clash["unit_price"]


def test_every_field_is_read() -> None:
    assert len(WHOLE.columns(latest=timezone.now())) == len(FIELDS)
