"""The estimator card of a prediction run: what it was learned from, how it was tested, and what it adds up
to.

Plain frozen dataclasses. `PredictionRun.card` stores a `PredictionCard` as JSON and gives it back as one.
Probabilities and shares are from 0 to 1; money is in the run's currency; intervals hold the middle 95 % of
bootstrap samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Interval = tuple[float, float]
Range = tuple[float | None, float | None]  # (more than, at most); None: without an end
# the candidates that the others are measured against
PURCHASE_BASELINE, CATEGORY_BASELINE = "rfm", "favourite"
CHANCE = 0.5  # the AUC of a coin


@dataclass(frozen=True)
class Refusal:
    """Why nothing was learned. `reason` is a key of `presenters.refusals.REASONS`; `needed` and `found` are
    the figures of its sentence."""

    reason: str
    needed: float = 0.0
    found: float = 0.0


@dataclass(frozen=True)
class WindowSummary:
    """An earlier moment that was learned from (`as_of`, ISO): how many customers were known then, and how
    many of them did it (None where there are more outcomes than two)."""

    as_of: str
    customers: int
    positives: int | None = None


@dataclass(frozen=True)
class RowCounts:
    """How many customers trained, calibrated and tested the estimators."""

    train: int
    calibrate: int
    test: int


@dataclass(frozen=True)
class Curves:
    """Points of the curves of a test.

    Of the best-scored `share` of customers: `gain`, the part of all positives among them, and `lift`, gain
    divided by share. In groups by predicted probability: the mean `predicted` and `observed` share, and
    `size`.
    """

    share: tuple[float, ...] = ()
    gain: tuple[float, ...] = ()
    lift: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()
    observed: tuple[float, ...] = ()
    size: tuple[int, ...] = ()


@dataclass(frozen=True)
class EstimatorMetrics:
    """One candidate on the test period. `interval` is that of `auc` or `accuracy`, `lead` that of the
    difference to the baseline's."""

    name: str
    interval: Interval
    calibration_error: float
    validation_auc: float | None = None
    validation_log_loss: float | None = None
    auc: float | None = None
    accuracy: float | None = None
    brier: float | None = None
    lead: Interval | None = None
    curves: Curves | None = None


@dataclass(frozen=True)
class GroupMetrics:
    """How a prediction did in one demographic group: mean predicted and observed, the standard error of their
    difference, and the AUC where there are enough of either outcome."""

    trait: str
    name: str
    customers: int
    predicted: float
    observed: float
    standard_error: float
    auc: float | None = None


@dataclass(frozen=True)
class RateCell:
    """A cell of a table of rates: customers with like `recency` (days) and number of `orders`; both are None
    in the cell of those who never ordered."""

    customers: int
    positives: int
    recency: Range | None = None
    orders: Range | None = None


@dataclass(frozen=True)
class FrequencyTest:
    """Customers with `repeat_orders` orders after their first (the last row: so many or more): the mean money
    expected of them and spent by them in the test period."""

    repeat_orders: int
    customers: int
    expected: float
    observed: float


@dataclass(frozen=True)
class LifetimeTest:
    """A customer's value as it would have been predicted `days` ago, for as many days, against the money
    spent since. `since` is the moment (ISO) it was predicted at; `by_frequency` and `curves` are those of
    the method tested best."""

    since: str
    days: int
    customers: int
    money_predicted: float
    money_observed: float
    by_frequency: tuple[FrequencyTest, ...] = ()
    curves: Curves = Curves()


@dataclass(frozen=True)
class Doubt:
    """Why gamma-gamma does not fit these customers: "tail", "mean" or "dependent", with the figure that says
    so."""

    reason: str
    figure: float


@dataclass(frozen=True)
class MoneyMethod:
    """A method that was tried: what it predicted in the test, its mean absolute error a customer, and the
    rank correlation (Spearman) with the money spent, None where everybody has the same value."""

    name: str
    money_predicted: float
    money_error: float
    correlation: float | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True)
class LifetimeDetails:
    """What only the customer lifetime value has.

    `order_parameters` and `money_parameters` are those learned (time in days); `kept`: what returns leave of
    each unit of money sold; `level`: what the method's values were multiplied by, so that they add up to what
    is expected of all; `correlation`: Spearman's, of how often and for how much people buy; `cap`: the
    amount of one day that counts at most.
    """

    buyers: int
    repeat_buyers: int = 0
    order_parameters: dict[str, float] = field(default_factory=dict)
    money_parameters: dict[str, float] = field(default_factory=dict)
    kept: float = 1.0
    level: float = 1.0
    correlation: float | None = None
    cap: float = 0.0
    test: LifetimeTest | None = None
    methods: tuple[MoneyMethod, ...] = ()


@dataclass(frozen=True)
class PredictionCard:
    """`features`: what reasons name, by place; `categories`: what `Prediction.choice` names, counted from 1.

    `tested`: the method that the test was about (the one in force, unless it was refused); `fidelity`: the
    part of the score's variance that the reasons explain; `rate` and `positives`: of the test period;
    `max_calibration_error`: from which on probabilities are refused; `table`: the fallback's rates; `total`
    and `mean` of all predicted values.
    """

    features: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    windows: tuple[WindowSummary, ...] = ()
    rows: RowCounts | None = None
    candidates: tuple[EstimatorMetrics, ...] = ()
    tested: str = ""
    calibration: str = ""
    fidelity: float = 1.0
    rate: float | None = None
    positives: int | None = None
    max_calibration_error: float | None = None
    curves: Curves | None = None
    fairness: tuple[GroupMetrics, ...] = ()
    refused: Refusal | None = None
    table: tuple[RateCell, ...] = ()
    lifetime: LifetimeDetails | None = None
    total: float = 0.0
    mean: float = 0.0

    def metrics_of(self, name: str) -> EstimatorMetrics | None:
        """The row of one candidate; None where it was not tested."""
        return next((row for row in self.candidates if row.name == name), None)
