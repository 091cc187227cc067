"""What each customer will spend in a time to come: as long a time as could be tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from predictions.actions.fairness import group_metrics
from predictions.actions.results import Array, NotEnoughDataError, Places, PredictionResult
from predictions.actions.training_windows import LOOK_BACK, TrainingWindows
from predictions.algorithms import metrics, reasons
from predictions.algorithms.future_spending import FutureSpending, repeat_orders
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
    LifetimeDetails,
    LifetimeTest,
    MoneyMethod,
    PredictionCard,
)
from predictions.datasets.lifetime import PurchaseHistories, kept_share, money_spent, purchase_histories
from predictions.models import PredictionKind
from profiles.datasets.demographics import demographic_groups
from shop.currency import shop_currency

# days. Promised is the longest that the history holds three times (learned from, tested on and looked back on
# once more) after LOOK_BACK
HORIZONS = (365, 180, 90, 60, 30)
WINDOWS = 3
FEWEST_BUYERS, FEWEST_REPEAT_BUYERS = 200, 50
FEWEST_DAYS = WINDOWS * HORIZONS[-1] + LOOK_BACK
MOST_OFF = 1.5  # times that the money predicted may lie above or below what was observed in the test
MOST_LEVEL = 3.0  # times that a method's values are raised or lowered to what was seen
MOST_BINS = 7
REASONS = 4
BELOW = 1e-9
FACTORS = ("alive", "orders", "order_value")
# spent in the last horizon, its latter half and its last quarter: what the share of the horizon is divided by
SPENT = {"spent": 1, "spent_half": 2, "spent_quarter": 4}
LEARNED_FROM = ("frequency", "recency", "tenure", "usual", "gap", "overdue", *SPENT)
RATES = ("expected", "order_value")  # what the fallback's values are made of
ORDER_METHODS = ("bgnbd_gamma", "bgnbd_mean")
SIMPLE = ("last_period", "mean")  # the rules that every method has to rank as well as


@dataclass(frozen=True)
class Moment:
    """What was known of all buyers at a moment. `spent`: n x 3, as SPENT says, less returns; `kept`: what
    returns leave of each unit of money sold."""

    known: PurchaseHistories
    spent: Array
    kept: float

    @classmethod
    def at(cls, moment: datetime, horizon: int, currency: str) -> Moment:
        known = purchase_histories(as_of=moment, currency=currency)
        days = [horizon / part for part in SPENT.values()]
        spent = money_spent(ids=known.ids, until=moment, days=days, currency=currency)
        return cls(known, spent, kept_share(as_of=moment, currency=currency))

    @property
    def usual(self) -> Array:
        """`spent` without what is no habit: a day with an order counts for the histories' cap at most. What
        is learned from; nobody spent less than nothing."""
        most = self.known.cap * (self.known.frequency[:, None] + 1)
        return np.clip(self.spent, 0, most if self.known.cap > 0 else None)

    @property
    def last(self) -> Array:
        """What each usually spent in the last horizon."""
        return self.usual[:, 0]

    def of(self, ids: Places, money: Array) -> Array:
        """`money` (of all buyers) of these customers (ascending), 0 of those who are none."""
        place = np.minimum(np.searchsorted(self.known.ids, ids), len(self.known.ids) - 1)
        return np.where(self.known.ids[place] == ids, money[place], 0)

    def values(self) -> Array:
        """n x p, in the order of LEARNED_FROM; NaN where nothing is known."""
        known = self.known
        silence = known.age - known.recency
        gap = np.where(known.frequency > 0, known.recency / np.maximum(known.frequency, 1), np.nan)
        overdue = silence / np.maximum(gap, 1)
        columns = [known.frequency + 1, silence, known.age, known.usual, gap, overdue]
        return np.column_stack([*columns, self.usual])


class Estimate:
    """Expected orders and money of buyers with these histories: orders by BG/NBD, the money of an order by
    gamma-gamma (`method` "bgnbd_gamma") or by each customer's own mean, drawn towards everybody's
    ("bgnbd_mean").

    `doubt`: why gamma-gamma does not fit them; it is then never used.
    """

    def __init__(self, moment: Moment, method: str) -> None:
        self.known = known = moment.known
        self.kept, self.method = moment.kept, method
        self.orders = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
        self.doubt: Doubt | None = None
        self.money: GammaGamma | CredibleMean = CredibleMean().fit(known.paid, known.usual, known.scatter)
        if method == "bgnbd_gamma":
            self.money = GammaGamma().fit(known.frequency, known.value)
            self.doubt = doubt(self.money, known.frequency, known.value)

    def order_value(self) -> Array:
        """Money an order, before returns. Shape (n,)."""
        if self.method == "bgnbd_gamma":
            return self.money.expected_value(self.known.frequency, self.known.value)
        return self.money.expected_value(self.known.paid, self.known.usual)

    def factors(self, horizon: int) -> Array:
        """n x 3, in the order of FACTORS: probability of being a customer still, orders in the horizon if so,
        money an order less returns."""
        x, tx, t = self.known.frequency, self.known.recency, self.known.age
        alive = self.orders.probability_alive(x, tx, t)
        orders = self.orders.expected_purchases(horizon, x, tx, t)
        return np.maximum(
            np.column_stack([alive, orders / np.maximum(alive, BELOW), self.order_value() * self.kept]), BELOW
        )


@dataclass(frozen=True)
class Forecast:
    """What one method expects of each buyer, and why. `level`: what its values were multiplied by."""

    features: tuple[str, ...]
    money: Array
    why: Callable[[slice], Array]
    level: float = 1.0
    estimate: Estimate | None = None


def forecasts(now: Moment, before: Moment, horizon: int, seed: int) -> dict[str, Forecast]:
    """What each method expects at the moment `now`, having seen what was known one horizon `before` and what
    was spent since: the level of a method's values follows that, and boosting is learned from it. Methods
    that have too little to learn from are left out."""
    seen = now.of(before.known.ids, now.last)
    found = {}
    for method in ORDER_METHODS:
        try:
            then, today = Estimate(before, method), Estimate(now, method)
        except NotEnoughError:
            continue
        found[method] = _by_orders(today, _level(seen, then.factors(horizon).prod(axis=1)), horizon)
    level = _level(seen, before.last)
    found["last_period"] = _last_period(now, level)
    found["mean"] = _mean(now, level)
    with suppress(ValueError):
        found["boosting"] = _boosted(now, before, seed, total=float(found["last_period"].money.sum()))
    return found


def _level(seen: Array, predicted: Array) -> float:
    """What a method's values have to be multiplied by, to add up to what was seen."""
    ratio = seen.sum() / predicted.sum() if predicted.sum() > 0 else 1.0
    return float(np.clip(ratio, 1 / MOST_LEVEL, MOST_LEVEL))


def _by_orders(estimate: Estimate, level: float, horizon: int) -> Forecast:
    factors = estimate.factors(horizon) * [1.0, 1.0, level]
    typical = np.exp(np.log(factors).mean(axis=0))
    return Forecast(
        FACTORS, factors.prod(axis=1), lambda part: _reasons(factors[part], typical), level, estimate
    )


def _last_period(now: Moment, level: float) -> Forecast:
    """As much again as in the last horizon."""
    money, spent = now.last * level, now.spent[:, :1]
    middle = float(np.median(money)) if len(money) else 0.0

    def why(part: slice) -> Array:
        apart = (money[part] - middle)[:, None]
        return reasons.encode(np.zeros_like(apart), apart, spent[part], typical=np.full(len(apart), middle))

    return Forecast(tuple(SPENT)[:1], money, why, level)


def _mean(now: Moment, level: float) -> Forecast:
    """The same of everybody: what buyers spent on average in the last horizon."""
    money = np.full(len(now.last), now.last.mean() * level)
    nothing = np.zeros((len(money), 0))
    return Forecast((), money, lambda part: reasons.encode(*[nothing[part]] * 3, typical=money[part]), level)


def _boosted(now: Moment, before: Moment, seed: int, *, total: float) -> Forecast:
    """The ranks and shares are learned; what all add up to lies half-way (as a ratio) between what was
    learned and the `total` of the last horizon: each of the two errs, and seldom to the same side."""
    learned = FutureSpending(seed).fit(before.values(), now.of(before.known.ids, now.last))
    values = now.values()
    own = float(learned.predict(values).sum())
    if own > 0 and total > 0:
        learned.level_ = float(np.clip(np.sqrt(total / own), 1 / MOST_LEVEL, MOST_LEVEL))
    return Forecast(
        LEARNED_FROM,
        learned.predict(values),
        lambda part: learned.reasons(values[part], REASONS),
        learned.level_,
    )


def predict_lifetime_value(windows: TrainingWindows) -> PredictionResult:
    """Expected money in the longest of HORIZONS that could be tested, by the method that was tested best;
    or, with too little to learn from or when no method was near the money spent, by the shop's rate of
    coming back.

    Raises NotEnoughDataError in a shop without buyers, and where all of them came today.
    """
    currency = shop_currency(windows.as_of)
    history = windows.history_days()
    horizon = next((days for days in HORIZONS if history >= WINDOWS * days + LOOK_BACK), HORIZONS[-1])
    now = Moment.at(windows.as_of, horizon, currency)
    if not len(now.known.ids):
        raise NotEnoughDataError("buyers", FEWEST_BUYERS, 0)
    if not now.known.age.any():
        raise NotEnoughDataError("history", FEWEST_DAYS, 0)
    try:
        _check(now.known, history)
        return _learned(windows, now, horizon, currency)
    except NotEnoughDataError as too_little:
        return _by_rate(now, horizon, currency, too_little)


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


def _learned(windows: TrainingWindows, now: Moment, horizon: int, currency: str) -> PredictionResult:
    """All methods are tested on the latest horizon, each having learned from the one before; the best (see
    `_best`) then learns from the latest, in the same way."""
    split, earlier = (windows.as_of - timedelta(days=horizon * back) for back in (1, 2))
    before = Moment.at(split, horizon, currency)
    if not len(before.known.ids):
        raise NotEnoughDataError("buyers", FEWEST_BUYERS, 0)
    observed = now.of(before.known.ids, np.maximum(now.spent[:, 0], 0))
    tried = forecasts(before, Moment.at(earlier, horizon, currency), horizon, windows.seed)
    made = forecasts(now, before, horizon, windows.seed)
    tested = {
        name: MoneyMethod(
            name,
            float(forecast.money.sum()),
            float(np.abs(forecast.money - observed).mean()),
            correlation(forecast.money, observed),
            _doubt(made[name]),
        )
        for name, forecast in tried.items()
        if name in made
    }
    spent = float(observed.sum())
    champion = _best(tested, spent)
    test, forecast = tried[champion], made[champion]
    groups = demographic_groups(as_of=split, ids=before.known.ids)
    estimate = forecast.estimate
    details = LifetimeDetails(
        buyers=len(now.known.ids),
        repeat_buyers=_repeat_buyers(now.known),
        order_parameters=parameters(estimate.orders) if estimate else {},
        money_parameters=parameters(estimate.money) if estimate else {},
        kept=now.kept,
        level=forecast.level,
        correlation=_correlation(now.known),
        cap=now.known.cap,
        test=LifetimeTest(
            since=split.isoformat(),
            days=horizon,
            customers=len(before.known.ids),
            money_predicted=float(test.money.sum()),
            money_observed=spent,
            by_frequency=_by_frequency(before.known.frequency, test.money, observed),
            curves=metrics.gains(observed, test.money),
        ),
        methods=tuple(sorted(tested.values(), key=lambda row: _error(row, spent))),
    )
    card = PredictionCard(
        features=forecast.features,
        tested=champion,
        fairness=group_metrics(groups, test.money, observed, ranks=False),
        lifetime=details,
    )
    if abs(_off(tested[champion], spent)) > np.log(MOST_OFF):
        refusal = NotEnoughDataError("money", spent, tested[champion].money_predicted)
        return _by_rate(now, horizon, currency, refusal, card)
    return _result(champion, card, now, forecast, horizon=horizon, currency=currency)


def _doubt(forecast: Forecast) -> Doubt | None:
    return forecast.estimate.doubt if forecast.estimate else None


def _best(tested: Mapping[str, MoneyMethod], spent: float) -> str:
    """The smallest error among those that rank at least as well as every simple rule; gamma-gamma only where
    nothing speaks against it."""
    floor = max(tested[name].correlation or 0.0 for name in SIMPLE)
    fit = [row for row in tested.values() if row.doubt is None and (row.correlation or 0.0) >= floor]
    return min(fit, key=lambda row: _error(row, spent)).name


def _error(row: MoneyMethod, spent: float) -> float:
    """How far the total is off, as a logarithm, and how much is missing to the right ranks."""
    return abs(_off(row, spent)) + 1 - (row.correlation or 0.0)


def _off(row: MoneyMethod, spent: float) -> float:
    return float(np.log(max(row.money_predicted, 1.0) / max(spent, 1.0)))


def _result(
    champion: str, card: PredictionCard, now: Moment, forecast: Forecast, *, horizon: int, currency: str
) -> PredictionResult:
    def rows(part: slice) -> tuple[Array, Places, Array]:
        money = forecast.money[part]
        return money, np.zeros(len(money), dtype=np.int64), forecast.why(part)

    return PredictionResult(PredictionKind.LIFETIME, horizon, champion, card, now.known.ids, rows, currency)


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


def _by_rate(
    now: Moment,
    horizon: int,
    currency: str,
    too_little: NotEnoughDataError,
    tried: PredictionCard | None = None,
) -> PredictionResult:
    """The fallback: the shop's rate of coming back, and each customer's usual order. `tried`: the card of
    what was learned and not confirmed."""
    known = now.known
    orders = repeat_orders(known.frequency, known.recency, known.age, horizon)
    value = known.usual * now.kept

    def why(part: slice) -> Array:
        figures = np.column_stack([orders[part], value[part]])
        return reasons.encode(np.tile([0.0, 1.0], (len(figures), 1)), np.zeros_like(figures), figures)

    card = tried or PredictionCard(lifetime=LifetimeDetails(buyers=len(known.ids)))
    card = replace(card, features=RATES, refused=too_little.refusal)
    forecast = Forecast(RATES, orders * value, why)
    return _result("repeat_rate", card, now, forecast, horizon=horizon, currency=currency)


def _correlation(known: PurchaseHistories) -> float | None:
    """Rank correlation of how often and for how much people buy again: gamma-gamma assumes none."""
    again = (known.frequency > 0) & (known.value > 0)
    return correlation(known.frequency[again], known.value[again])


def _by_frequency(frequency: Array, expected: Array, spent: Array) -> tuple[FrequencyTest, ...]:
    """Expected and observed money by how often customers had ordered again."""
    group = np.minimum(frequency, MOST_BINS - 1).astype(np.int64)
    return tuple(
        FrequencyTest(
            repeat_orders=int(value),
            customers=int((group == value).sum()),
            expected=float(expected[group == value].mean()),
            observed=float(spent[group == value].mean()),
        )
        for value in np.unique(group)
    )
