"""What each customer will spend in the next twelve months."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from segments.actions.predictions.past import Array, Foreseen, Past, Places, TooLittleError
from segments.algorithms import judging
from segments.algorithms.lifetime import BetaGeometricNBD, GammaGamma, NotEnoughError, card, decompose
from segments.datasets.features import shop_currency
from segments.datasets.outcomes import Histories, histories, kept_share
from segments.models import PredictionKind

HORIZON = 365  # days
MONTHS = 12
YEARLY_DISCOUNT = 0.10  # what money a year later is worth less: a usual cost of capital, stated on the card
FEWEST_BUYERS, FEWEST_REPEATERS, FEWEST_DAYS = 200, 50, 120
MOST_BINS = 7
FACTORS = ["alive", "orders", "order_value"]
BELOW = 1e-9


class Estimate:
    """Orders and money to come of buyers with these histories, as BG/NBD and gamma-gamma see them."""

    def __init__(self, known: Histories, kept: float) -> None:
        self.known, self.kept = known, kept
        self.orders = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
        self.money = GammaGamma().fit(known.frequency, known.value)

    def factors(self, part: slice = slice(None)) -> Array:
        """n x 3: probability of being a customer still, discounted orders in HORIZON if so, money an order less returns."""
        x, tx, t = self.known.frequency[part], self.known.recency[part], self.known.age[part]
        alive = self.orders.probability_alive(x, tx, t)
        monthly = (1 + YEARLY_DISCOUNT) ** (1 / MONTHS) - 1
        orders = self.orders.discounted_purchases(HORIZON, x, tx, t, steps=MONTHS, rate=monthly)
        money = self.money.expected_value(x, self.known.value[part]) * self.kept
        return np.maximum(np.column_stack([alive, orders / np.maximum(alive, BELOW), money]), BELOW)


def foresee_value(past: Past) -> Foreseen:
    """Expected money in the next HORIZON days, discounted; or, with too little to learn from, what the last twelve months brought.

    Raises TooLittleError in a shop without buyers.
    """
    currency = shop_currency(past.as_of)
    known = histories(as_of=past.as_of, currency=currency)
    if not len(known.ids):
        raise TooLittleError("buyers", FEWEST_BUYERS, 0)
    try:
        _check(known, past.history())
        return _learned(past, known, currency)
    except NotEnoughError:
        return _counted(past, known, currency, TooLittleError("repeaters", FEWEST_REPEATERS, int((known.frequency > 0).sum())))
    except TooLittleError as little:
        return _counted(past, known, currency, little)


def _check(known: Histories, days: float) -> None:
    needs = [("buyers", FEWEST_BUYERS, len(known.ids)), ("repeaters", FEWEST_REPEATERS, int((known.frequency > 0).sum())),
             ("history", FEWEST_DAYS, int(days))]
    for why, needed, found in needs:
        if found < needed:
            raise TooLittleError(why, needed, found)


def _learned(past: Past, known: Histories, currency: str) -> Foreseen:
    estimate = Estimate(known, kept_share(as_of=past.as_of, currency=currency))
    usual = np.exp(np.log(estimate.factors()).mean(axis=0))

    def rows(part: slice) -> tuple[Array, Places, Array]:
        factors = estimate.factors(part)
        why = _reasons(factors, usual)
        return factors.prod(axis=1), np.zeros(len(factors), dtype=np.int64), why

    details = {
        "features": FACTORS, "parameters": {"bgnbd": card(estimate.orders), "gamma_gamma": card(estimate.money)},
        "kept": estimate.kept, "discount": YEARLY_DISCOUNT, "buyers": len(known.ids),
        "repeaters": int((known.frequency > 0).sum()), "correlation": _correlation(known),
    } | _tested(past, known, currency)
    return Foreseen(PredictionKind.LIFETIME, HORIZON, "bgnbd_gamma", details, known.ids, rows, currency)


def _reasons(factors: Array, usual: Array) -> Array:
    """n x 9: which factor, how much money it adds to what the usual customer is worth, its figure; strongest first."""
    parts = decompose(factors, usual)
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")
    picked = [order.astype(float), np.take_along_axis(parts, order, 1), np.take_along_axis(factors, order, 1)]
    return np.stack(picked, axis=2).reshape(len(factors), -1)


def _counted(past: Past, known: Histories, currency: str, little: TooLittleError) -> Foreseen:
    """The fallback: another year like the last, as far as it is known."""
    today = past.today
    buyers = today.only(today.column("frequency") > 0)
    spent = np.maximum(buyers.column("monetary"), 0) * np.minimum(1, HORIZON / np.maximum(buyers.column("tenure"), 1))

    def rows(part: slice) -> tuple[Array, Places, Array]:
        return spent[part], np.zeros(len(spent[part]), dtype=np.int64), np.zeros((len(spent[part]), 0))

    details = {"features": FACTORS, "buyers": len(known.ids), "refused": little.as_json()}
    return Foreseen(PredictionKind.LIFETIME, HORIZON, "table", details, buyers.ids, rows, currency)


def _correlation(known: Histories) -> float | None:
    """Between how often and for how much people buy again: gamma-gamma takes it for nought."""
    again = (known.frequency > 0) & (known.value > 0)
    if again.sum() < 3 or not known.value[again].std() or not known.frequency[again].std():
        return None
    return float(np.corrcoef(known.frequency[again], known.value[again])[0, 1])


def _tested(past: Past, known: Histories, currency: str) -> dict[str, Any]:
    """The same estimate made a while ago, against what came: {"test": ...}, or nothing where there was too little then.

    The stretch is a third of the history, at most HORIZON. Compared with "as much again as in a stretch of the same length before".
    """
    days = int(min(past.history() / 3, HORIZON))
    split = past.as_of - timedelta(days=days)
    before = histories(as_of=split, currency=currency)
    try:
        estimate = Estimate(before, kept=1.0)
    except NotEnoughError:
        return {}
    orders, money = _what_came(before, known)
    expected = estimate.orders.expected_purchases(days, before.frequency, before.recency, before.age)
    worth = expected * estimate.money.expected_value(before.frequency, before.value)
    # what the same customers did per day so far, continued
    again = before.frequency * days / np.maximum(before.age, days)
    return {"test": {
        "from": split.isoformat(), "days": days, "customers": len(before.ids), "orders": float(orders.sum()),
        "expected": float(expected.sum()), "mae": float(np.abs(expected - orders).mean()),
        "mae_again": float(np.abs(again - orders).mean()), "mae_none": float(orders.mean()),
        "rank": _rank(worth, money), "rank_again": _rank(again * np.maximum(before.value, 0), money),
        "by_frequency": _by_frequency(before.frequency, expected, orders), "gains": judging.gains(np.maximum(money, 0), worth),
    }}


def _what_came(before: Histories, known: Histories) -> tuple[Array, Array]:
    """Purchase days and money of each customer of `before` since then, from the two histories alone."""
    place = np.searchsorted(known.ids, before.ids)
    place = np.minimum(place, len(known.ids) - 1)
    same = known.ids[place] == before.ids
    orders = np.where(same, known.frequency[place] - before.frequency, 0)
    money = known.frequency[place] * known.value[place] - before.frequency * before.value
    return np.maximum(orders, 0), np.where(same, np.maximum(money, 0), 0)


def _rank(expected: Array, truth: Array) -> float | None:
    found = float(spearmanr(expected, truth).statistic) if expected.std() and truth.std() else float("nan")
    return found if np.isfinite(found) else None


def _by_frequency(frequency: Array, expected: Array, orders: Array) -> list[dict[str, float]]:
    """Expected and actual orders by how often customers had come back."""
    group = np.minimum(frequency, MOST_BINS - 1).astype(np.int64)
    return [
        {"again": int(value), "customers": int((group == value).sum()), "expected": float(expected[group == value].mean()),
         "actual": float(orders[group == value].mean())}
        for value in np.unique(group)
    ]
