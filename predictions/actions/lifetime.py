"""What each customer will spend in the next twelve months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from predictions.actions.fairness import group_metrics
from predictions.actions.results import Array, NotEnoughDataError, Places, PredictionResult
from predictions.actions.training_windows import TrainingWindows
from predictions.algorithms import metrics, reasons
from predictions.algorithms.lifetime import (
    BetaGeometricNBD,
    CredibleMean,
    GammaGamma,
    NotEnoughError,
    correlation,
    decompose,
    doubt,
    parameters,
)
from predictions.cards import (
    Doubt,
    FrequencyTest,
    GroupMetrics,
    LifetimeDetails,
    LifetimeTest,
    MoneyMethod,
    PredictionCard,
)
from predictions.datasets.lifetime import PurchaseHistories, kept_share, purchase_histories
from predictions.models import PredictionKind
from profiles.datasets.demographics import DemographicGroup, demographic_groups
from shop.currency import shop_currency

HORIZON = 365  # days
MONTHS = 12
YEARLY_DISCOUNT = 0.10  # what money a year later is worth less: a usual cost of capital, stated on the card
FEWEST_BUYERS, FEWEST_REPEAT_BUYERS, FEWEST_DAYS = 200, 50, 120
# times that the money predicted may lie above or below what was observed in the test, unless the fallback is
# farther off
MOST_OFF = 1.5
MOST_BINS = 7
FACTORS = ("alive", "orders", "order_value")
SPENT = ("spent",)  # what the fallback's values are made of
BELOW = 1e-9
METHODS = ("bgnbd_gamma", "bgnbd_mean")
NEARER = 0.95  # of gamma-gamma's error in money: with less, the mean order value is in force


class Estimate:
    """Expected orders and money of buyers with these histories: orders by BG/NBD, the money of an order by
    gamma-gamma (`method` "bgnbd_gamma") or by each customer's own mean, drawn towards everybody's
    ("bgnbd_mean").

    `doubt`: why gamma-gamma does not fit them; it is then never used.
    """

    def __init__(self, known: PurchaseHistories, kept: float, method: str) -> None:
        self.known, self.kept, self.method = known, kept, method
        self.orders = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
        self.doubt: Doubt | None = None
        self.money: GammaGamma | CredibleMean = CredibleMean().fit(known.paid, known.usual, known.scatter)
        if method == "bgnbd_gamma":
            self.money = GammaGamma().fit(known.frequency, known.value)
            self.doubt = doubt(self.money, known.frequency, known.value)

    def order_value(self, part: slice = slice(None)) -> Array:
        """Money an order, before returns. Shape (n,)."""
        if self.method == "bgnbd_gamma":
            return self.money.expected_value(self.known.frequency[part], self.known.value[part])
        return self.money.expected_value(self.known.paid[part], self.known.usual[part])

    def factors(self, part: slice = slice(None)) -> Array:
        """n x 3, in the order of FACTORS: probability of being a customer still, discounted orders in HORIZON
        if so, money an order less returns."""
        x, tx, t = self.known.frequency[part], self.known.recency[part], self.known.age[part]
        alive = self.orders.probability_alive(x, tx, t)
        monthly = (1 + YEARLY_DISCOUNT) ** (1 / MONTHS) - 1
        orders = self.orders.discounted_purchases(HORIZON, x, tx, t, steps=MONTHS, rate=monthly)
        return np.maximum(
            np.column_stack([alive, orders / np.maximum(alive, BELOW), self.order_value(part) * self.kept]),
            BELOW,
        )


def predict_lifetime_value(windows: TrainingWindows) -> PredictionResult:
    """Expected money in the next HORIZON days, discounted; or, with too little to learn from or when the test
    did not confirm what was predicted, what was spent in the last twelve months.

    Raises NotEnoughDataError in a shop without buyers.
    """
    currency = shop_currency(windows.as_of)
    known = purchase_histories(as_of=windows.as_of, currency=currency)
    if not len(known.ids):
        raise NotEnoughDataError("buyers", FEWEST_BUYERS, 0)
    try:
        _check(known, windows.history_days())
        return _learned(windows, known, currency)
    except NotEnoughError:
        too_little = NotEnoughDataError("repeaters", FEWEST_REPEAT_BUYERS, _repeat_buyers(known))
        return _spent_before(windows, known, currency, too_little)
    except NotEnoughDataError as too_little:
        return _spent_before(windows, known, currency, too_little)


def _repeat_buyers(known: PurchaseHistories) -> int:
    return int((known.frequency > 0).sum())


def _check(known: PurchaseHistories, days: float) -> None:
    needs = [
        ("buyers", FEWEST_BUYERS, len(known.ids)),
        ("repeaters", FEWEST_REPEAT_BUYERS, _repeat_buyers(known)),
        ("history", FEWEST_DAYS, int(days)),
    ]
    for reason, needed, found in needs:
        if found < needed:
            raise NotEnoughDataError(reason, needed, found)


def _learned(windows: TrainingWindows, known: PurchaseHistories, currency: str) -> PredictionResult:
    """The method of METHODS that fits today's customers and was nearest when tested: on the latest third of
    the history, at most HORIZON."""
    kept = kept_share(as_of=windows.as_of, currency=currency)
    days = int(min(windows.history_days() / 3, HORIZON))
    split = windows.as_of - timedelta(days=days)
    before = purchase_histories(as_of=split, currency=currency)
    estimates = {method: Estimate(known, kept, method) for method in METHODS}
    groups = demographic_groups(as_of=split, ids=before.ids)
    tests = {
        method: _tested(before, known, split=split, days=days, method=method, groups=groups)
        for method in METHODS
    }
    method = _nearest(estimates, {name: test for name, (test, _groups) in tests.items()})
    estimate, (test, fairness) = estimates[method], tests[method]
    details = LifetimeDetails(
        buyers=len(known.ids),
        repeat_buyers=_repeat_buyers(known),
        order_parameters=parameters(estimate.orders),
        money_parameters=parameters(estimate.money),
        kept=kept,
        discount=YEARLY_DISCOUNT,
        correlation=_correlation(known),
        cap=known.cap,
        test=test,
        methods=tuple(
            MoneyMethod(
                name, tests[name][0].money_predicted, tests[name][0].money_error, estimates[name].doubt
            )
            for name in METHODS
        ),
    )
    card = PredictionCard(features=FACTORS, tested=method, fairness=fairness, lifetime=details)
    if not _confirmed(test):
        refusal = NotEnoughDataError("money", test.money_observed, test.money_predicted)
        return _spent_before(windows, known, currency, refusal, card)
    typical = np.exp(np.log(estimate.factors()).mean(axis=0))

    def rows(part: slice) -> tuple[Array, Places, Array]:
        factors = estimate.factors(part)
        return factors.prod(axis=1), np.zeros(len(factors), dtype=np.int64), _reasons(factors, typical)

    return PredictionResult(PredictionKind.LIFETIME, HORIZON, method, card, known.ids, rows, currency)


def _nearest(estimates: Mapping[str, Estimate], tests: Mapping[str, LifetimeTest]) -> str:
    """Gamma-gamma where nothing speaks against it and it was hardly farther from each customer's money than
    mean order values."""
    gamma, mean = METHODS
    fits = estimates[gamma].doubt is None and (_confirmed(tests[gamma]) or not _confirmed(tests[mean]))
    return gamma if fits and tests[gamma].money_error * NEARER <= tests[mean].money_error else mean


def _confirmed(test: LifetimeTest) -> bool:
    """Whether the money predicted was near the money observed, or at least nearer than the fallback's."""
    off, off_baseline = (
        abs(np.log(max(money, 1.0) / max(test.money_observed, 1.0)))
        for money in (test.money_predicted, test.money_baseline)
    )
    return bool(off <= np.log(MOST_OFF) or off < off_baseline)


def _reasons(factors: Array, typical: Array) -> Array:
    """Encoded reasons: how much money each factor adds to what the typical customer is worth, strongest
    first."""
    parts = decompose(factors, typical)
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")
    return reasons.encode(
        order.astype(float),
        np.take_along_axis(parts, order, 1),
        np.take_along_axis(factors, order, 1),
        typical=np.full(len(factors), typical.prod()),
    )


def _spent_before(
    windows: TrainingWindows,
    known: PurchaseHistories,
    currency: str,
    too_little: NotEnoughDataError,
    tried: PredictionCard | None = None,
) -> PredictionResult:
    """The fallback: another year like the last, as far as it is known. `tried`: the card of what was learned
    and not confirmed.

    The one contribution to each value is what was spent in those months, against the median buyer.
    """
    today = windows.today
    buyers = today.only(today.column("frequency") > 0)
    spent = np.maximum(buyers.column("monetary"), 0) * np.minimum(
        1, HORIZON / np.maximum(buyers.column("tenure"), 1)
    )
    median = float(np.median(spent)) if len(spent) else 0.0

    def rows(part: slice) -> tuple[Array, Places, Array]:
        money = spent[part]
        why = reasons.encode(np.zeros((len(money), 1)), (money - median)[:, None], money[:, None])
        return money, np.zeros(len(money), dtype=np.int64), why

    card = tried or PredictionCard(lifetime=LifetimeDetails(buyers=len(known.ids)))
    card = replace(card, features=SPENT, refused=too_little.refusal)
    return PredictionResult(PredictionKind.LIFETIME, HORIZON, "last_year", card, buyers.ids, rows, currency)


def _correlation(known: PurchaseHistories) -> float | None:
    """Rank correlation of how often and for how much people buy again: gamma-gamma assumes none."""
    again = (known.frequency > 0) & (known.value > 0)
    return correlation(known.frequency[again], known.value[again])


def _tested(
    before: PurchaseHistories,
    known: PurchaseHistories,
    *,
    split: datetime,
    days: int,
    method: str,
    groups: Sequence[DemographicGroup],
) -> tuple[LifetimeTest, tuple[GroupMetrics, ...]]:
    """The same estimate made at `split`, `days` ago, from what was known `before`, against the orders and the
    money observed since.

    Its baseline is "as much again as in a time of the same length before". Raises NotEnoughError where there
    was too little then.
    """
    estimate = Estimate(before, 1.0, method)
    orders, money = _observed(before, known)
    expected = estimate.orders.expected_purchases(days, before.frequency, before.recency, before.age)
    predicted = expected * estimate.order_value()
    # what the same customers did per day so far, continued
    orders_baseline = before.frequency * days / np.maximum(before.age, days)
    money_baseline = before.total * np.minimum(1, days / np.maximum(before.age, 1))
    test = LifetimeTest(
        since=split.isoformat(),
        days=days,
        customers=len(before.ids),
        orders_expected=float(expected.sum()),
        orders_observed=float(orders.sum()),
        orders_error=float(np.abs(expected - orders).mean()),
        orders_error_baseline=float(np.abs(orders_baseline - orders).mean()),
        orders_error_none=float(orders.mean()),
        money_predicted=float(predicted.sum()),
        money_observed=float(money.sum()),
        money_baseline=float(money_baseline.sum()),
        money_error=float(np.abs(predicted - money).mean()),
        money_error_baseline=float(np.abs(money_baseline - money).mean()),
        correlation=correlation(predicted, money),
        correlation_baseline=correlation(money_baseline, money),
        by_frequency=_by_frequency(before.frequency, expected, orders),
        curves=metrics.gains(np.maximum(money, 0), predicted),
    )
    return test, group_metrics(groups, predicted, money, ranks=False)


def _observed(before: PurchaseHistories, known: PurchaseHistories) -> tuple[Array, Array]:
    """Purchase days and money of each customer of `before` since then, from the two histories alone."""
    place = np.searchsorted(known.ids, before.ids)
    place = np.minimum(place, len(known.ids) - 1)
    same = known.ids[place] == before.ids
    orders = np.where(same, known.frequency[place] - before.frequency, 0)
    return np.maximum(orders, 0), np.where(same, np.maximum(known.total[place] - before.total, 0), 0)


def _by_frequency(frequency: Array, expected: Array, orders: Array) -> tuple[FrequencyTest, ...]:
    """Expected and observed orders by how often customers had ordered again."""
    group = np.minimum(frequency, MOST_BINS - 1).astype(np.int64)
    return tuple(
        FrequencyTest(
            repeat_orders=int(value),
            customers=int((group == value).sum()),
            expected=float(expected[group == value].mean()),
            observed=float(orders[group == value].mean()),
        )
        for value in np.unique(group)
    )
