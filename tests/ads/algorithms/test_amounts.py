"""Whole coins of a currency."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ads.algorithms.amounts import as_decimal, smallest_coin, whole_coins


@pytest.mark.parametrize(
    ("currency", "coin", "amount"), [("GBP", "0.01", "10.99"), ("JPY", "1", "10"), ("KWD", "0.001", "10.999")]
)
def test_amounts_are_rounded_down_to_coins(currency: str, coin: str, amount: str) -> None:
    assert smallest_coin(currency) == Decimal(coin)
    assert whole_coins(Decimal("10.9999"), currency) == Decimal(amount)


def test_four_places_are_kept() -> None:
    assert as_decimal(0.35091) == Decimal("0.3509")
