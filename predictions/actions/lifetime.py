"""What each customer will spend in the next twelve months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

from predictions.actions.fairness import by_group
from predictions.actions.training_windows import Array, Foreseen, Past, Places, TooLittleError
from predictions.algorithms import metrics
from predictions.algorithms.feature_contributions import against
from predictions.algorithms.lifetime import (
    BetaGeometricNBD,
    CredibleMean,
    GammaGamma,
    NotEnoughError,
    card,
    correlation,
    decompose,
    doubts,
)
from predictions.datasets.outcomes import Histories, histories, kept_share
from predictions.models import PredictionKind
from profiles.datasets.demographics import Group, demographic_groups
from shop.currency import shop_currency

HORIZON = 365  # days
MONTHS = 12
YEARLY_DISCOUNT = 0.10  # what money a year later is worth less: a usual cost of capital, stated on the card
FEWEST_BUYERS, FEWEST_REPEATERS, FEWEST_DAYS = 200, 50, 120
# times that the money foretold may lie above or below what came in the test, unless the fallback is farther
# off
MOST_OFF = 1.5
MOST_BINS = 7
FACTORS = ["alive", "orders", "order_value"]
SPENT = ["spent"]  # what the fallback's values are made of
BELOW = 1e-9
METHODS = ("bgnbd_gamma", "bgnbd_mean")
NEARER = 0.95  # of gamma-gamma's error in money: with less, the mean order value is in force


class Estimate:
    """Orders and money to come of buyers with these histories: orders as BG/NBD sees them, the money of an
    order as gamma-gamma does (`method` "bgnbd_gamma") or each customer's own mean, drawn towards everybody's
    ("bgnbd_mean").

    `doubts`: why gamma-gamma is not to be believed of them; it is then never used.
    """

    def __init__(self, known: Histories, kept: float, method: str) -> None:
        self.known, self.kept, self.method = known, kept, method
        self.orders = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
        self.doubts: dict[str, float | str] = {}
        self.money: GammaGamma | CredibleMean = CredibleMean().fit(known.paid, known.usual, known.scatter)
        if method == "bgnbd_gamma":
            self.money = GammaGamma().fit(known.frequency, known.value)
            self.doubts = doubts(self.money, known.frequency, known.value)

    def order_value(self, part: slice = slice(None)) -> Array:
        """Money an order, before returns. Shape (n,)."""
        if self.method == "bgnbd_gamma":
            return self.money.expected_value(self.known.frequency[part], self.known.value[part])
        return self.money.expected_value(self.known.paid[part], self.known.usual[part])

    def factors(self, part: slice = slice(None)) -> Array:
        """n x 3: probability of being a customer still, discounted orders in HORIZON if so, money an order
        less returns."""
        x, tx, t = self.known.frequency[part], self.known.recency[part], self.known.age[part]
        alive = self.orders.probability_alive(x, tx, t)
        monthly = (1 + YEARLY_DISCOUNT) ** (1 / MONTHS) - 1
        orders = self.orders.discounted_purchases(HORIZON, x, tx, t, steps=MONTHS, rate=monthly)
        return np.maximum(
            np.column_stack([alive, orders / np.maximum(alive, BELOW), self.order_value(part) * self.kept]),
            BELOW,
        )


def foresee_value(past: Past) -> Foreseen:
    """Expected money in the next HORIZON days, discounted; or, with too little to learn from or when what was
    foretold in the test did not come, what the last twelve months brought.

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
        return _counted(
            past,
            known,
            currency,
            TooLittleError("repeaters", FEWEST_REPEATERS, int((known.frequency > 0).sum())),
        )
    except TooLittleError as little:
        return _counted(past, known, currency, little)


def _check(known: Histories, days: float) -> None:
    needs = [
        ("buyers", FEWEST_BUYERS, len(known.ids)),
        ("repeaters", FEWEST_REPEATERS, int((known.frequency > 0).sum())),
        ("history", FEWEST_DAYS, int(days)),
    ]
    for why, needed, found in needs:
        if found < needed:
            raise TooLittleError(why, needed, found)


def _learned(past: Past, known: Histories, currency: str) -> Foreseen:
    """The method of METHODS that is believed of today's customers and came nearest when tested: on the latest
    third of the history, at most HORIZON."""
    kept, days = kept_share(as_of=past.as_of, currency=currency), int(min(past.history() / 3, HORIZON))
    split = past.as_of - timedelta(days=days)
    before = histories(as_of=split, currency=currency)
    estimates = {method: Estimate(known, kept, method) for method in METHODS}
    groups = demographic_groups(as_of=split, ids=before.ids)
    tests = {method: _tested(before, known, days, method, groups) for method in METHODS}
    method = _nearest(estimates, tests)
    estimate, test = estimates[method], {"from": split.isoformat(), "days": days, **tests[method]}
    details = {
        "features": FACTORS,
        "parameters": {"bgnbd": card(estimate.orders), "money": card(estimate.money)},
        "kept": kept,
        "discount": YEARLY_DISCOUNT,
        "buyers": len(known.ids),
        "repeaters": int((known.frequency > 0).sum()),
        "fairness": test.pop("fairness"),
        "correlation": _correlation(known),
        "cap": known.cap,
        "tested": method,
        "test": test,
        "tried": [
            {
                "name": name,
                "doubts": estimates[name].doubts,
                "money": tests[name]["money"],
                "money_mae": tests[name]["money_mae"],
            }
            for name in METHODS
        ],
    }
    if not _came_true(test):
        return _counted(
            past, known, currency, TooLittleError("money", test["money_came"], test["money"]), details
        )
    usual = np.exp(np.log(estimate.factors()).mean(axis=0))

    def rows(part: slice) -> tuple[Array, Places, Array]:
        factors = estimate.factors(part)
        return factors.prod(axis=1), np.zeros(len(factors), dtype=np.int64), _reasons(factors, usual)

    return Foreseen(PredictionKind.LIFETIME, HORIZON, method, details, known.ids, rows, currency)


def _nearest(estimates: Mapping[str, Estimate], tests: Mapping[str, dict[str, Any]]) -> str:
    """Gamma-gamma where nothing speaks against it and it was hardly farther from each customer's money than
    mean order values."""
    usual, other = METHODS
    believed = not estimates[usual].doubts and (_came_true(tests[usual]) or not _came_true(tests[other]))
    return usual if believed and tests[usual]["money_mae"] * NEARER <= tests[other]["money_mae"] else other


def _came_true(test: dict[str, Any]) -> bool:
    """Whether the money foretold was near the money that came, or at least nearer than what the fallback
    would have said."""
    off, off_again = (
        abs(np.log(max(test[key], 1.0) / max(test["money_came"], 1.0))) for key in ("money", "money_again")
    )
    return bool(off <= np.log(MOST_OFF) or off < off_again)


def _reasons(factors: Array, usual: Array) -> Array:
    """n x 12: which factor, how much money it adds to what the usual customer is worth, its figure; strongest
    first. The last three say what that is."""
    parts = decompose(factors, usual)
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")
    picked = [order.astype(float), np.take_along_axis(parts, order, 1), np.take_along_axis(factors, order, 1)]
    parts = np.stack(picked, axis=2).reshape(len(factors), -1)
    return np.column_stack([parts, against(np.full(len(factors), usual.prod()))])


def _counted(
    past: Past,
    known: Histories,
    currency: str,
    little: TooLittleError,
    tried: Mapping[str, Any] = MappingProxyType({}),
) -> Foreseen:
    """The fallback: another year like the last, as far as it is known. `tried`: the card of what was learned
    and did not come true.

    The one reason of each value is what those months brought, against the usual customer.
    """
    today = past.today
    buyers = today.only(today.column("frequency") > 0)
    spent = np.maximum(buyers.column("monetary"), 0) * np.minimum(
        1, HORIZON / np.maximum(buyers.column("tenure"), 1)
    )
    usual = float(np.median(spent)) if len(spent) else 0.0

    def rows(part: slice) -> tuple[Array, Places, Array]:
        said = spent[part]
        return (
            said,
            np.zeros(len(said), dtype=np.int64),
            np.column_stack([np.zeros(len(said)), said - usual, said]),
        )

    details = {**tried, "buyers": len(known.ids), "features": SPENT, "refused": little.as_json()}
    return Foreseen(PredictionKind.LIFETIME, HORIZON, "last_year", details, buyers.ids, rows, currency)


def _correlation(known: Histories) -> float | None:
    """Rank correlation of how often and for how much people buy again: gamma-gamma takes it for nought."""
    again = (known.frequency > 0) & (known.value > 0)
    return correlation(known.frequency[again], known.value[again])


def _tested(
    before: Histories, known: Histories, days: int, method: str, groups: Sequence[Group]
) -> dict[str, Any]:
    """The same estimate made `days` ago from what was known `before`, against the orders and the money that
    came.

    Compared with "as much again as in a stretch of the same length before". Raises NotEnoughError where there
    was too little then.
    """
    estimate = Estimate(before, 1.0, method)
    orders, money = _what_came(before, known)
    expected = estimate.orders.expected_purchases(days, before.frequency, before.recency, before.age)
    worth = expected * estimate.order_value()
    # what the same customers did per day so far, continued
    again = before.frequency * days / np.maximum(before.age, days)
    worth_again = before.total * np.minimum(1, days / np.maximum(before.age, 1))
    return {
        "customers": len(before.ids),
        "orders": float(orders.sum()),
        "fairness": by_group(groups, worth, money, ranks=False),
        "expected": float(expected.sum()),
        "mae": float(np.abs(expected - orders).mean()),
        "mae_again": float(np.abs(again - orders).mean()),
        "mae_none": float(orders.mean()),
        "money": float(worth.sum()),
        "money_came": float(money.sum()),
        "money_mae": float(np.abs(worth - money).mean()),
        "money_again": float(worth_again.sum()),
        "money_mae_again": float(np.abs(worth_again - money).mean()),
        "rank": correlation(worth, money),
        "rank_again": correlation(worth_again, money),
        "by_frequency": _by_frequency(before.frequency, expected, orders),
        "gains": metrics.gains(np.maximum(money, 0), worth),
    }


def _what_came(before: Histories, known: Histories) -> tuple[Array, Array]:
    """Purchase days and money of each customer of `before` since then, from the two histories alone."""
    place = np.searchsorted(known.ids, before.ids)
    place = np.minimum(place, len(known.ids) - 1)
    same = known.ids[place] == before.ids
    orders = np.where(same, known.frequency[place] - before.frequency, 0)
    return np.maximum(orders, 0), np.where(same, np.maximum(known.total[place] - before.total, 0), 0)


def _by_frequency(frequency: Array, expected: Array, orders: Array) -> list[dict[str, float]]:
    """Expected and actual orders by how often customers had come back."""
    group = np.minimum(frequency, MOST_BINS - 1).astype(np.int64)
    return [
        {
            "again": int(value),
            "customers": int((group == value).sum()),
            "expected": float(expected[group == value].mean()),
            "actual": float(orders[group == value].mean()),
        }
        for value in np.unique(group)
    ]
