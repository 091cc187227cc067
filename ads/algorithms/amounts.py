"""Amounts of money in whole coins of their currency."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from babel.numbers import get_currency_precision


def smallest_coin(currency: str) -> Decimal:
    """The smallest coin of an ISO 4217 currency: 0.01, for yen 1."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def whole_coins(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded down to whole coins."""
    return amount.quantize(smallest_coin(currency), ROUND_DOWN)


def as_decimal(amount: float) -> Decimal:
    """The amount with the four places that the database keeps."""
    return Decimal(str(round(float(amount), 4)))
