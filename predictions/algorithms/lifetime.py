"""What customers are still worth: how often they will buy (BG/NBD) and for how much (gamma-gamma, or a
credible mean).

Fader, Hardie & Lee (2005), '"Counting Your Customers" the Easy Way', Marketing Science 24(2); Fader & Hardie
(2013), "The Gamma-Gamma Model of Monetary Value" (a technical note). Equation numbers below are those of the
papers. Bühlmann & Straub (1970), "Glaubwürdigkeit für Schadensätze", Mitteilungen der VSVM 70.

Everywhere `frequency` is the number of repeat purchases (the first is not counted), `recency` the time from
the first to the last purchase, `age` the time from the first purchase to the end of the observation, all of
shape (n,), in one unit of time.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator

from predictions.cards import Doubt

Array = NDArray[np.float64]
START = (
    0.5,
    5.0,
    0.8,
    2.5,
)  # r, alpha, a, b, with time in units of which customers were observed for SCALE on average
SCALE = 40.0
TOO_NEAR = 1e-5
FARTHEST = (
    12.0  # logarithms of parameters beyond which they mean "none" or "all" and only spoil the arithmetic
)


# of gamma-gamma's q: below, the variance of what customers spend is infinite, from 1 down their mean as well
LEAST_SHAPE = 2.0
# times that the mean of gamma-gamma may lie above or below the mean of the customers it was fitted to
MOST_APART = 1.25
# rank correlation of how often and for how much people buy, from which one cannot be predicted without the
# other
DEPENDENT = 0.3

LEAST_WEIGHT, MOST_WEIGHT = 1e-6, 1e6  # in orders: customers never vary, or do not differ


class NotEnoughError(ValueError):
    """There is nothing to learn from: no repeat purchases, or numbers that no purchase history can have."""


class BetaGeometricNBD(BaseEstimator):
    """Buying at a rate of one's own until one day, after a purchase, one stops for good.

    Rates are gamma distributed (shape `r_`, rate `alpha_` in units of time), the chance of stopping after a
    purchase is beta distributed (`a_`, `b_`). `penalty` x sum(parameters^2) is added to the mean negative
    log-likelihood; 0 is maximum likelihood.
    """

    def __init__(self, penalty: float = 0.0) -> None:
        self.penalty = penalty

    def fit(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Self:
        """Maximum likelihood by L-BFGS with exact gradients. Raises NotEnoughError without repeat
        purchases."""
        x, tx, t = _history(frequency, recency, age)
        if not (x > 0).any() or not t.any():
            raise NotEnoughError("Nobody bought twice, or everybody came today.")
        unit = t.mean() / SCALE
        rows, weight = _distinct(x, tx / unit, t / unit)
        likelihood = _Likelihood(rows, weight / weight.sum(), self.penalty)
        found = minimize(
            likelihood,
            np.log(START),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-FARTHEST, FARTHEST)] * 4,
            options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500},
        )
        self.r_, self.alpha_, self.a_, self.b_ = (float(value) for value in np.exp(found.x))
        self.alpha_ *= float(unit)
        self.log_likelihood_ = float(-found.fun * weight.sum() - x.sum() * np.log(unit))
        return self

    def expected_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Array:
        """The number of purchases in the next `horizon` (10). Shape (n,)."""
        x, tx, t = _history(frequency, recency, age)
        r, a, b = self.r_, _off(self.a_, 1.0), self.b_
        b = _off(b, 1 - a)
        z = horizon / (self.alpha_ + t + horizon)
        with np.errstate(all="ignore"):
            # Euler's transformation has small parameters for somebody with thousands of purchases, the form
            # in the paper where hardly anybody stops and a and b are large; each overflows where the other
            # does not.
            share = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
            share = np.where(
                np.isfinite(share), share, (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
            )
            while_alive = (a + b + x - 1) / (a - 1) * (1 - share)
        never_stopping = horizon * (r + x) / (self.alpha_ + t)  # nobody can buy more
        bounded = np.where(np.isfinite(while_alive), np.clip(while_alive, 0, never_stopping), never_stopping)
        return np.asarray(bounded * self.probability_alive(x, tx, t))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Array:
        """The probability of still being a customer. Somebody who never came back has had no chance to stop:
        1. Shape (n,)."""
        x, tx, t = _history(frequency, recency, age)
        odds = np.log(self.a_) - np.log(self.b_ + np.maximum(x, 1) - 1)
        odds = odds + (self.r_ + x) * (np.log(self.alpha_ + t) - np.log(self.alpha_ + tx))
        return np.where(x > 0, expit(-odds), 1.0)

    def probability_of_purchase(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Array:
        """The probability of at least one purchase in the next `horizon`: alive, and not silent by chance.
        Shape (n,)."""
        x, tx, t = _history(frequency, recency, age)
        silent = ((self.alpha_ + t) / (self.alpha_ + t + horizon)) ** (self.r_ + x)
        return np.asarray(self.probability_alive(x, tx, t) * (1 - silent))


class _Likelihood:
    """The mean negative log-likelihood (6) and its gradient in the logarithms of the parameters.

    `rows`: distinct (frequency, recency, age), shape (3, m); `weight`: their shares, shape (m,). Customers
    repeat each other, and functions of the frequency alone take as many values as there are frequencies: both
    are computed once for all.
    """

    def __init__(self, rows: Array, weight: Array, penalty: float) -> None:
        self.x, self.tx, self.t = rows
        self.weight, self.penalty = weight, penalty
        self.back = self.x > 0
        self.counts, self.place = np.unique(self.x, return_inverse=True)
        self.share = np.bincount(self.place, weight)

    def __call__(self, logs: Array) -> tuple[float, Array]:
        r, alpha, a, b = parameters = np.exp(logs)
        k, w = self.counts, self.share
        value = w @ (gammaln(r + k) - gammaln(r) + r * logs[1] + betaln(a, b + k) - betaln(a, b))
        slope = np.array(
            [
                w @ (digamma(r + k) - digamma(r)) + logs[1],
                r / alpha,
                w @ (digamma(a + b) - digamma(a + b + k)),
                w @ (digamma(b + k) - digamma(b) + digamma(a + b) - digamma(a + b + k)),
            ]
        )
        each, slopes = self._mixture(r, alpha, a, b)
        value += self.weight @ each
        slope += slopes
        return -value + self.penalty * parameters @ parameters, (
            -slope + 2 * self.penalty * parameters
        ) * parameters

    def _mixture(self, r: float, alpha: float, a: float, b: float) -> tuple[Array, Array]:
        """ln of: still alive, plus stopped after the last purchase. Each customer's, and the weighted sum of
        its slopes."""
        x, w = self.x, self.weight
        log_t, log_tx = np.log(alpha + self.t), np.log(alpha + self.tx)
        stays = -(r + x) * log_t
        last = np.maximum(x, 1) - 1
        stops = np.where(self.back, np.log(a) - np.log(b + last) - (r + x) * log_tx, -np.inf)
        each = np.logaddexp(stays, stops)
        gone = np.exp(stops - each) * w  # the share of each row that has stopped
        here = w - gone
        slopes = np.array(
            [
                -(here @ log_t) - gone @ log_tx,
                -(here @ ((r + x) / (alpha + self.t))) - gone @ ((r + x) / (alpha + self.tx)),
                gone.sum() / a,
                -(gone @ (1 / (b + last))),
            ]
        )
        return each, slopes


class GammaGamma(BaseEstimator):
    """Orders scatter around a mean of each customer's own (gamma, shape `p_`), whose scale is gamma
    distributed (`q_`, `v_`).

    Assumes that how much somebody spends says nothing of how often: look at the correlation before trusting
    it.
    """

    def fit(self, frequency: ArrayLike, value: ArrayLike) -> Self:
        """`value`: the mean amount of the `frequency` purchases counted, one currency, positive; rows with
        frequency 0 or without a positive amount are left out. Raises NotEnoughError when fewer than two
        customers remain."""
        x, z = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
        use = (x > 0) & (z > 0) & np.isfinite(z)
        x, z = x[use], z[use]
        if len(x) < 2:
            raise NotEnoughError("Fewer than two customers bought again.")
        unit = z.mean()
        found = minimize(
            self._loss,
            np.log([6.0, 4.0, 0.5]),
            args=(x, z / unit),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-FARTHEST, FARTHEST)] * 3,
            options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1000},
        )
        self.p_, self.q_, self.v_ = (float(parameter) for parameter in np.exp(found.x))
        self.v_ *= float(unit)
        return self

    @staticmethod
    def _loss(logs: Array, x: Array, z: Array) -> tuple[float, Array]:
        """The mean negative log-likelihood (1a) and its gradient in the logarithms of the parameters."""
        p, q, v = parameters = np.exp(logs)
        px, total = p * x, v + x * z
        value = (
            gammaln(px + q)
            - gammaln(px)
            - gammaln(q)
            + q * np.log(v)
            + (px - 1) * np.log(z)
            + px * np.log(x)
            - (px + q) * np.log(total)
        )
        slope = np.array(
            [
                (x * (digamma(px + q) - digamma(px) + np.log(z) + np.log(x) - np.log(total))).mean(),
                (digamma(px + q) - np.log(total)).mean() - digamma(q) + logs[2],
                q / v - ((px + q) / total).mean(),
            ]
        )
        return -float(value.mean()), -slope * parameters

    def expected_value(self, frequency: ArrayLike, value: ArrayLike) -> Array:
        """The mean amount of a customer's orders to come (5): their own, drawn towards everybody's the fewer
        they are. Shape (n,).

        With `q_` <= 1 everybody's mean does not exist, and this is no estimate: ask `doubt` before.
        """
        x, z = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
        x, z = np.where(np.isfinite(z) & (z > 0), x, 0), np.where(np.isfinite(z) & (z > 0), z, 0)
        return np.asarray(self.p_ * (self.v_ + x * z) / np.maximum(self.p_ * x + self.q_ - 1, 1e-9))

    @property
    def mean(self) -> float:
        """The mean amount over all customers: infinite from q = 1 down."""
        return self.p_ * self.v_ / (self.q_ - 1) if self.q_ > 1 else float("inf")


class CredibleMean(BaseEstimator):
    """Each customer's own mean amount, drawn towards everybody's the fewer their orders: Bühlmann and
    Straub's credibility.

    Assumes no distribution, and nothing of how often people buy. `mean_` is everybody's, `weight_` the number
    of orders at which a customer's own mean counts as much as everybody's (within-customer variance /
    variance between customers).
    """

    def fit(self, orders: ArrayLike, value: ArrayLike, scatter: ArrayLike) -> Self:
        """`value`: the mean amount of `orders` orders, `scatter`: their sum of squared distances from it.
        Raises NotEnoughError when fewer than two customers have an amount."""
        n, z, squares = (np.asarray(column, dtype=float) for column in (orders, value, scatter))
        use = (n > 0) & (z > 0) & np.isfinite(z)
        n, z, squares = n[use], z[use], squares[use]
        if len(n) < 2:
            raise NotEnoughError("Fewer than two customers with an amount.")
        total, everybody = n.sum(), float((n * z).sum() / n.sum())
        within = squares.sum() / max(total - len(n), 1)
        between = max(
            (n @ (z - everybody) ** 2 - (len(n) - 1) * within) / max(total - n @ n / total, 1e-9), 0.0
        )
        self.weight_ = float(np.clip(within / between, LEAST_WEIGHT, MOST_WEIGHT)) if between else MOST_WEIGHT
        credible = n / (n + self.weight_)
        self.mean_ = float((credible * z).sum() / credible.sum())
        return self

    def expected_value(self, orders: ArrayLike, value: ArrayLike) -> Array:
        """The mean amount of a customer's orders to come. Shape (n,)."""
        n, z = np.asarray(orders, dtype=float), np.asarray(value, dtype=float)
        n, z = np.where(np.isfinite(z) & (z > 0), n, 0), np.where(np.isfinite(z) & (z > 0), z, 0)
        return np.asarray((n * z + self.weight_ * self.mean_) / (n + self.weight_))


def doubt(money: GammaGamma, frequency: ArrayLike, value: ArrayLike) -> Doubt | None:
    """Why gamma-gamma does not fit the customers it was fitted to; None where it does.

    "tail": its q is below LEAST_SHAPE, "mean": its mean is more than MOST_APART times off theirs,
    "dependent": how often people buy says how much they spend (rank correlation beyond DEPENDENT; Fader &
    Hardie assume that it says nothing).
    """
    x, z = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
    use = (x > 0) & (z > 0)
    if money.q_ < LEAST_SHAPE:
        return Doubt("tail", money.q_)
    apart = money.mean / float(z[use].mean())
    if not 1 / MOST_APART <= apart <= MOST_APART:
        return Doubt("mean", apart)
    joint = correlation(x[use], z[use])
    if joint is not None and abs(joint) > DEPENDENT:
        return Doubt("dependent", joint)
    return None


def correlation(left: ArrayLike, right: ArrayLike) -> float | None:
    """Spearman's rank correlation; None where one of the two does not vary."""
    x, y = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    if len(x) < 3 or not np.ptp(x) or not np.ptp(y):
        return None
    return float(spearmanr(x, y).statistic)


def _distinct(*columns: Array) -> tuple[Array, NDArray[np.intp]]:
    """Distinct rows of k columns, k x m, and how many there are of each: `np.unique` by rows, in an eighth of
    its time."""
    order = np.lexsort(columns[::-1])
    ranked = np.stack(columns)[:, order]
    starts = np.flatnonzero(np.concatenate([[True], (ranked[:, 1:] != ranked[:, :-1]).any(axis=0)]))
    return ranked[:, starts], np.diff(starts, append=len(order))


def _off(value: float, gap: float) -> float:
    """(10) has removable gaps, at a = 1 and, without repeat purchases, at a + b = 1: a little beside them is
    as good as there."""
    return value if abs(value - gap) > TOO_NEAR else gap + TOO_NEAR


def _history(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> tuple[Array, Array, Array]:
    x, tx, t = (np.asarray(values, dtype=float) for values in (frequency, recency, age))
    if not (np.isfinite(x).all() and np.isfinite(tx).all() and np.isfinite(t).all()):
        raise NotEnoughError("A number is missing or infinite.")
    if ((x < 0) | (tx < 0) | (tx > t)).any():
        raise NotEnoughError(
            "Frequencies are not negative, and the last purchase lies between the first and the end."
        )
    return x, tx, t


def decompose(factors: Array, typical: Array) -> Array:
    """How much each factor adds to or takes from a product, against the product of `typical` factors.

    Logarithmic mean Divisia index (Ang 2005, Energy Policy 33): exact, the parts add up to the difference.
    `factors`: n x k and `typical`: k, positive; returns n x k in the unit of the product.
    """
    ratios = np.log(factors) - np.log(typical)
    product, total = factors.prod(axis=1), ratios.sum(axis=1)
    same = np.abs(total) < 1e-9
    mean = np.where(same, product, (product - typical.prod()) / np.where(same, 1, total))
    return np.asarray(ratios * mean[:, None])


def parameters(estimator: Any) -> dict[str, float]:
    """The learned parameters by name, rounded to what they are worth."""
    return {
        name.rstrip("_"): round(value, 6) for name, value in vars(estimator).items() if name.endswith("_")
    }
