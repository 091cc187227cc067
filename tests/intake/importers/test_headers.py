"""The names that shops give their columns."""

from __future__ import annotations

import pytest

from intake.importers.formats import FIELDS, Format
from intake.importers.headers import MEANING, SYNONYMS, guess_mapping, plain_header, recognise


@pytest.mark.parametrize("name", ["CustomerID", "customer_id", "Customer-Id", " customer.id "])
def test_spelling_does_not_matter(name: str) -> None:
    assert plain_header(name) == "customer id"


def test_every_synonym_means_a_field() -> None:
    assert set(MEANING.values()) == set(FIELDS)
    assert SYNONYMS.keys() <= FIELDS.keys()


def test_known_exports_are_recognised_by_their_headers() -> None:
    assert recognise(["InvoiceNo", "StockCode", "Quantity", "UnitPrice", "Country"]) == Format.UCI
    assert recognise(["Name", "Lineitem quantity"]) == Format.SHOPIFY
    assert recognise(["Order", "SKU"]) == Format.GENERIC


def test_the_first_of_two_columns_of_one_meaning_counts() -> None:
    assert guess_mapping(["Order ID", "Bestellnummer", "SKU", "订单号"], Format.GENERIC) == {
        "order_number": 0,
        "sku": 2,
    }


def test_a_product_column_is_the_title_where_another_is_the_number() -> None:
    assert guess_mapping(["Product", "Qty"], Format.GENERIC)["sku"] == 0
    assert guess_mapping(["Product", "SKU"], Format.GENERIC) == {"title": 0, "sku": 1}
