"""Who will do it? Several estimators compete on earlier time, the best is calibrated on the latest and tested
on what it never saw.

A `Stretch` is one moment: what was known of customers then, and what each did afterwards. Stretches follow
each other so that the outcomes of one end where the next begins: nothing that is judged was known to what is
judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from predictions.algorithms import feature_contributions, metrics
from predictions.algorithms.estimators import (
    BASELINE,
    FACTORIES,
    Attribution,
    BuyingClock,
    Candidate,
    Columns,
    Factory,
    Unit,
)

Array = NDArray[np.float64]
Places = NDArray[np.intp]
ISOTONIC_FROM = 2_000  # positives and negatives: below, steps follow chance
LEAST = 1e-6  # no probability is 0 or 1
RAREST = 1e-4
LIKE_ALL = 2.0
RIDGE = 1e-4
MOST_ODDS = 30.0
NEAR_BEST = 0.01  # of AUC: closer than a test can tell apart
MOST_SHIFT = 30.0
TABLE_PRIOR = 20.0
TABLE_ROWS = 300


@dataclass(frozen=True)
class Stretch:
    """`values`: n x p, NaN where nothing is known; `outcome`: n zeros and ones."""

    values: Array
    outcome: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _clean(self.values))


class Calibrator:
    """Score -> probability, rising. Customers of kind k (0, 1, ...) have `shifts[k]` added to their log-odds.

    A beta curve (Kull, Silva Filho & Flach 2017, Electronic Journal of Statistics 11), smooth with three
    parameters: the log-odds are a ln s - b ln(1 - s) + c of the score as a share s. With ISOTONIC_FROM of
    either outcome, steps (isotonic regression, Zadrozny & Elkan 2002) with lines between them. Either is
    drawn towards everybody's share, as if LIKE_ALL more customers of that share were in each tenth: no
    customer is certain.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.shifts = np.zeros(1)

    def fit(self, score: Array, outcome: Array, older: Array | None = None) -> Self:
        """`older`: 1 for customers of another stretch of time, 0 else; they shape the curve, its level is
        that of the others."""
        positives = float(outcome.sum())
        self.rate_, self.pull_ = float(outcome.mean()), LIKE_ALL / (LIKE_ALL + len(outcome) / 10)
        if min(positives, len(outcome) - positives) >= ISOTONIC_FROM:
            least = 0.5 / len(outcome)
            found = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(score, outcome)
            self.knots_ = _centres(found.X_thresholds_, found.y_thresholds_)
            return self
        self.centre_, self.spread_ = float(score.mean()), float(score.std()) or 1.0
        low, high = self._logs(score)
        level = [np.ones(len(score))] if older is None else [np.ones(len(score)), older]
        self.beta_ = _beta(np.column_stack([low, high, *level]), outcome)[:3]
        return self

    def _logs(self, score: Array) -> tuple[Array, Array]:
        """ln s and -ln(1 - s) of the score as a share."""
        if self.unit is Unit.SHARE:
            share = np.clip(score, RAREST, 1 - RAREST)
            return np.log(share), -np.log1p(-share)
        odds = score if self.unit is Unit.ODDS else (score - self.centre_) / self.spread_
        odds = np.clip(odds, -MOST_ODDS, MOST_ODDS)
        return -np.logaddexp(0, -odds), np.logaddexp(0, odds)

    def __call__(self, score: Array, kind: Places | None = None) -> Array:
        if hasattr(self, "knots_"):
            level = np.interp(score, *self.knots_)
        else:
            low, high = self._logs(score)
            level = expit(self.beta_[0] * low + self.beta_[1] * high + self.beta_[2])
        level = (1 - self.pull_) * level + self.pull_ * self.rate_
        shift = self.shifts[0] if kind is None else self.shifts[kind]
        return np.asarray(np.clip(expit(logit(np.clip(level, LEAST, 1 - LEAST)) + shift), LEAST, 1 - LEAST))

    def meet(self, score: Array, kind: Places, rates: Sequence[float]) -> Self:
        """Move the level until the mean probability of the customers of each kind is that of `rates`."""
        self.shifts = np.zeros(len(rates))
        odds = logit(self(score, kind))
        for k, rate in enumerate(rates):
            if (mine := odds[kind == k]).size:
                self.shifts[k] = _shift(mine, rate)
        return self

    @property
    def method(self) -> str:
        return "isotonic" if hasattr(self, "knots_") else "beta"


def _beta(design: Array, outcome: Array) -> Array:
    """Maximum likelihood of (a, b, levels); a and b are not negative, and hardly drawn to 1: the score is
    taken at its word."""
    usual = np.array([1.0, 1.0] + [0.0] * (design.shape[1] - 2))
    pull = RIDGE * (usual > 0)

    def loss(beta: Array) -> tuple[float, Array]:
        odds, away = design @ beta, beta - usual
        value = float((np.logaddexp(0, odds) - outcome * odds).mean() + pull @ away**2)
        return value, design.T @ (expit(odds) - outcome) / len(outcome) + 2 * pull * away

    bounds = [(0, None), (0, None), *[(None, None)] * (design.shape[1] - 2)]
    return np.asarray(minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _shift(odds: Array, rate: float) -> float:
    return float(brentq(lambda shift: expit(odds + shift).mean() - rate, -MOST_SHIFT, MOST_SHIFT))


def _centres(scores: Array, levels: Array) -> tuple[Array, Array]:
    """The middle of each level stretch: a line through them rises everywhere, where the steps themselves make
    ties."""
    values, place = np.unique(levels, return_inverse=True)
    return np.bincount(place, scores) / np.bincount(place), values


@dataclass(frozen=True)
class Learned:
    """The champion, ready for today's customers. `report` is JSON-able: see `learn`; `tested` are the
    champion's probabilities on the test stretch."""

    champion: str
    candidate: Candidate
    calibrator: Calibrator
    attribution: Attribution
    columns: Columns
    tested: Array
    report: dict[str, Any]

    def probability(self, values: Array) -> Array:
        values = _clean(values)
        return self.calibrator(self.candidate.score(values), bought(self.columns, values))

    def reasons(self, values: Array, most: int) -> Array:
        """n x (3 most + 3): see `feature_contributions.strongest`; contributions are in probability. The last three are
        OTHERS, the usual customer's probability and nothing."""
        values = _clean(values)
        kind, parts, base = (
            bought(self.columns, values),
            self.attribution.contributions(values),
            self.attribution.base,
        )
        points = feature_contributions.in_points(
            parts, base, self.candidate.score(values), lambda score: self.calibrator(score, kind)
        )
        usual = self.calibrator(np.full(len(values), base), kind)
        return np.column_stack(
            [feature_contributions.strongest(points, values, most), feature_contributions.against(usual)]
        )


def _clean(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def bought(columns: Columns, values: Array) -> Places:
    """1 for those who have ordered before, 0 for those who never did: their levels are kept apart. Shape
    (n,)."""
    (at,) = columns.at("frequency")
    return (values[:, at] > 0).astype(np.intp)


def learn(
    stretches: Sequence[Stretch],
    today: Array,
    columns: Columns,
    seed: int,
    *,
    names: Iterable[str] = FACTORIES,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Learned:
    """Choose, calibrate, test. `stretches`: three or more, oldest first, each with both outcomes; `today`:
    those it is learned for.

    The last stretch is the test; the one before it chooses the champion, together with the stretch before
    that where there is one: the smallest log loss among those whose AUC is within NEAR_BEST of the best. Both
    calibrate, each with scores of what was fitted before it; all earlier stretches train. For use the
    champion is fitted again on all but the last stretch and calibrated on the last: what the test measured,
    one stretch later. The level follows the ageing of the customers from the stretch of calibration to the
    one predicted (see `_levels`).

    `report`: {"candidates": [{"name", "validation": auc, "loss": log loss, "auc", "interval", "brier", "ece",
    "curves", "beats": interval of the difference to the baseline}], "champion", "calibration", "fidelity",
    "rows": {"train", "calibrate", "test"}, "positives", "rate", "most_off": the limit of the calibration
    error}. Candidates that the data do not allow are left out.
    """
    *train, choose, test = stretches
    today = _clean(today)
    factories = {name: FACTORIES[name] for name in names}
    fitted = _fit_all(factories, train, columns, seed, watch)
    earlier = (
        _fit_all({name: factories[name] for name in fitted}, train[:-1], columns, seed, watch)
        if len(train) > 1
        else {}
    )
    known = {name: _known(one, choose, earlier.get(name), train[-1]) for name, one in fitted.items()}
    rows = {
        name: {"validation": _mean(metrics.auc, known[name]), "loss": _mean(metrics.log_loss, known[name])}
        for name in known
    }
    champion = _champion(rows)
    tested = {
        name: _calibrated(one, known[name], choose, test.values, columns)(
            one.score(test.values), bought(columns, test.values)
        )
        for name, one in fitted.items()
    }
    judged = [
        {"name": name, **row, **_judged(name, tested, test.outcome, seed)}
        for name, row in sorted(rows.items(), key=lambda item: -item[1]["validation"])
    ]
    learning = _joined(stretches[:-1])
    final = factories[champion](columns, seed).fit(learning.values, learning.outcome)
    calibrator = _calibrated(final, _known(final, test, fitted[champion], choose), test, today, columns)
    parts, fidelity = final.attribute(learning.values, test.values)
    return Learned(
        champion,
        final,
        calibrator,
        parts,
        columns,
        tested[champion],
        {
            "champion": champion,
            "calibration": calibrator.method,
            "fidelity": fidelity,
            "candidates": judged,
            "rows": {
                "train": sum(len(one.outcome) for one in train),
                "calibrate": len(choose.outcome),
                "test": len(test.outcome),
            },
            "positives": int(test.outcome.sum()),
            "rate": float(test.outcome.mean()),
            "most_off": metrics.most_off(test.outcome),
        },
    )


@dataclass(frozen=True)
class _Scored:
    """Scores of customers on whom the estimator was not fitted, and what they did."""

    unit: Unit
    score: Array
    outcome: Array


def _known(one: Candidate, latest: Stretch, older: Candidate | None, before: Stretch) -> list[_Scored]:
    """The latest stretch as `one` scores it, then the one before as `older` does, which was fitted without
    it."""
    found = [_Scored(one.unit, one.score(latest.values), latest.outcome)]
    return [*found, _Scored(older.unit, older.score(before.values), before.outcome)] if older else found


def _mean(figure: Callable[[Array, Array], float], known: Sequence[_Scored]) -> float:
    return float(
        np.mean(
            [
                figure(one.outcome, Calibrator(one.unit).fit(one.score, one.outcome)(one.score))
                for one in known
            ]
        )
    )


def _champion(rows: dict[str, dict[str, float]]) -> str:
    """The smallest log loss among those that rank about as well as the best."""
    best = max(row["validation"] for row in rows.values())
    near = [name for name, row in rows.items() if row["validation"] >= best - NEAR_BEST]
    return min(near, key=lambda name: rows[name]["loss"])


def _calibrated(
    one: Candidate, known: Sequence[_Scored], latest: Stretch, values: Array, columns: Columns
) -> Calibrator:
    """The curve of the latest stretch, shaped by the one before as well where it has too few of either
    outcome for steps; at the level expected of `values`."""
    newest = known[0]
    curve = Calibrator(one.unit)
    if min(newest.outcome.sum(), (1 - newest.outcome).sum()) >= ISOTONIC_FROM or len(known) == 1:
        curve.fit(newest.score, newest.outcome)
    else:
        older = np.repeat([0.0, 1.0], [len(of.outcome) for of in known])
        curve.fit(
            np.concatenate([of.score for of in known]), np.concatenate([of.outcome for of in known]), older
        )
    return curve.meet(one.score(values), bought(columns, values), _levels(columns, latest, values))


def _levels(columns: Columns, known: Stretch, values: Array) -> tuple[float, float]:
    """The shares of positives to expect among `values`, of those who never bought and of those who did.

    Who never bought: as in the stretch `known`, half a positive and half a negative added (Jeffreys). Who
    did: as in `known`, changed as BG/NBD expects, by at most half. Customers who were new in one stretch are
    old in the next; in a shop that lost its stream of new ones every share falls, and the level of the latest
    stretch, taken as it is, would promise too much.
    """
    kind, now = bought(columns, known.values), bought(columns, values)
    first, again = ((known.outcome[kind == k].sum() + 0.5, (kind == k).sum() + 1) for k in (0, 1))
    never, rate = first[0] / first[1], again[0] / again[1]
    if not (kind == 0).any():
        never = float(known.outcome.mean())
    try:
        clock = BuyingClock(columns).fit(known.values, known.outcome)
        change = (
            expit(clock.score(values[now == 1])).mean() / expit(clock.score(known.values[kind == 1])).mean()
        )
    except ValueError:  # nobody bought twice: no clock
        change = 1.0
    aged = rate * np.clip(np.nan_to_num(change, nan=1.0), 0.5, 1.5)
    return float(np.clip(never, LEAST, 1 - LEAST)), float(np.clip(aged, LEAST, 1 - LEAST))


@dataclass(frozen=True)
class RateTable:
    """What is said when there is too little to learn from: the share of positives among those of like recency
    and frequency.

    Cell 0 holds who never ordered; the others buyers by `recency` (days) and `orders`, each from one cut to
    the next. `customers` and `positives` are those counted, a number a cell; each share is drawn towards
    everybody's as if TABLE_PRIOR more customers of that share were in the cell.
    """

    columns: Columns
    recency: Array
    orders: Array
    customers: Places
    positives: Array

    @classmethod
    def of(cls, stretches: Sequence[Stretch], columns: Columns) -> RateTable:
        """Counted on the latest of `stretches` (oldest first), on those before it only as far as it takes to
        have TABLE_ROWS."""
        used = 1
        while used < len(stretches) and sum(len(one.outcome) for one in stretches[-used:]) < TABLE_ROWS:
            used += 1
        joined = _joined(stretches[-used:])
        buyers = joined.values[bought(columns, joined.values) == 1][:, columns.at("recency", "frequency")]
        often = buyers[buyers[:, 1] > 1, 1]
        recency = (
            np.unique(np.round(np.nanquantile(buyers[:, 0], (1 / 3, 2 / 3)))) if len(buyers) else np.zeros(0)
        )
        orders = np.unique([1.0, np.floor(np.median(often))]) if often.size else np.zeros(0)
        bare = cls(columns, recency, orders, np.zeros(0, np.intp), np.zeros(0))
        cells, most = bare.cell(joined.values), 1 + (len(recency) + 1) * (len(orders) + 1)
        size, positives = (
            np.bincount(cells, minlength=most),
            np.bincount(cells, joined.outcome, minlength=most),
        )
        return cls(columns, recency, orders, size, positives.astype(np.float64))

    def cell(self, values: Array) -> Places:
        """The place of each customer's cell. Shape (n,)."""
        recency, orders = values[:, self.columns.at("recency", "frequency")].T
        place = np.searchsorted(self.recency, recency) * (len(self.orders) + 1) + np.searchsorted(
            self.orders, orders
        )
        return np.where(bought(self.columns, values) == 1, 1 + place, 0).astype(np.intp)

    @property
    def rate(self) -> float:
        """Everybody's share."""
        return float(self.positives.sum() / max(self.customers.sum(), 1))

    @property
    def rates(self) -> Array:
        """A share a cell, never 0 or 1."""
        rates = (self.positives + TABLE_PRIOR * self.rate) / (self.customers + TABLE_PRIOR)
        return np.asarray(np.clip(rates, RAREST, 1 - RAREST))

    def probability(self, values: Array) -> Array:
        return np.asarray(self.rates[self.cell(values)])

    def as_json(self) -> list[dict[str, Any]]:
        """A row a cell: "customers", "positives", "recency" and "orders" as [more than, at most], None
        without an end; none for those who never ordered."""
        ranges = [
            {"recency": list(r), "orders": list(o)}
            for r in _between(self.recency)
            for o in _between(self.orders)
        ]
        return [
            {"customers": int(n), "positives": int(k), **ends}
            for n, k, ends in zip(self.customers, self.positives, [{}, *ranges], strict=True)
        ]


def _between(cuts: Array) -> list[tuple[float | None, float | None]]:
    ends = [None, *cuts.tolist(), None]
    return list(pairwise(ends))


def _joined(stretches: Sequence[Stretch]) -> Stretch:
    return Stretch(
        np.concatenate([one.values for one in stretches]), np.concatenate([one.outcome for one in stretches])
    )


def _fit_all(
    factories: dict[str, Factory],
    train: Sequence[Stretch],
    columns: Columns,
    seed: int,
    watch: Callable[[int, int], None],
) -> dict[str, Candidate]:
    joined, fitted = _joined(train), {}
    for done, (name, factory) in enumerate(factories.items()):
        watch(done, len(factories))
        try:
            fitted[name] = factory(columns, seed).fit(joined.values, joined.outcome)
        except ValueError:  # nothing varies, or nobody bought twice: not for these data
            continue
    return fitted


def _judged(name: str, tested: dict[str, Array], outcome: Array, seed: int) -> dict[str, Any]:
    """The figures of one candidate, with its AUC's interval and that of its lead over the baseline."""
    resampled = metrics.resampled_auc(outcome, tested[name], seed)
    row = {"interval": metrics.interval(resampled), **metrics.judge(outcome, tested[name])}
    if BASELINE in tested and name != BASELINE:
        row["beats"] = metrics.interval(resampled - metrics.resampled_auc(outcome, tested[BASELINE], seed))
    return row
