"""Who is like the examples: a random forest or a support vector machine that ranks everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 20  # examples, and others
LEARN_ON = 50_000  # rows; all examples as far as they fit into half of it
KERNEL_ROWS = 20_000  # a kernel machine takes time by the square of the rows
HELD_OUT = 0.25
TREES = 200
CURVE = 20
BIN = 10
JUDGED_ON = 1_000  # rows that are shuffled column by column: enough for an order of importance


@dataclass(frozen=True)
class Ranking:
    """`scores` ranks the rows that were given: higher is more alike. `auc`: on examples and others that
    were held out, how often an example ranks above another customer. `held_scores` and `held_labels` are
    those customers; `importance`: how much each column matters (permutation importance: what shuffling it
    costs of the AUC, not below 0)."""

    scores: NDArray[np.float64]
    auc: float
    held_scores: NDArray[np.float64]
    held_labels: NDArray[np.bool_]
    importance: NDArray[np.float64]

    def probability(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many of the held-out customers with such a score are examples: rates of bins of at least BIN
        customers, made to rise with the score (isotonic regression), and lines between them."""
        from sklearn.isotonic import IsotonicRegression

        order = np.argsort(self.held_scores, kind="stable")
        bins = np.array_split(order, max(1, min(CURVE, len(order) // BIN)))
        at, sizes = (
            np.array([self.held_scores[members].mean() for members in bins]),
            np.array([len(members) for members in bins]),
        )
        rates = np.array([self.held_labels[members].mean() for members in bins])
        return np.asarray(
            np.interp(scores, at, IsotonicRegression().fit_transform(at, rates, sample_weight=sizes))
        )

    def precision_at(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of the best-ranked share of the held-out customers, how many are examples, brought to the share
        there really is."""
        ranked = self.held_labels[np.argsort(-self.held_scores, kind="stable")]
        counts = np.clip(np.ceil(shares * len(ranked)).astype(int), 1, len(ranked))
        return np.asarray(np.cumsum(ranked)[counts - 1] / counts)


def learn(
    points: NDArray[np.float64],
    examples: NDArray[np.bool_],
    ranked: NDArray[np.float64],
    *,
    estimator: str,
    seed: int,
) -> Ranking:
    """Learn from `points` (n x p, scaled) which of them are `examples` (n), and rank `ranked` (m x p, on the
    same scale).

    Raises ValueError below FEWEST examples or others.
    """
    if min(examples.sum(), (~examples).sum()) < FEWEST:
        raise ValueError("Too few examples, or nobody else.")
    random = np.random.default_rng(seed)
    order = random.permutation(len(points))
    held = np.zeros(len(points), dtype=bool)
    for side in (examples, ~examples):  # as many of each kind as there are
        rows = order[side[order]]
        held[rows[: max(5, round(HELD_OUT * len(rows)))]] = True
    judge = _fit(points, examples, np.flatnonzero(~held), estimator, seed)
    held_rows = np.sort(random.permutation(np.flatnonzero(held))[:KERNEL_ROWS])
    held_scores, held_labels = judge(points[held_rows]), examples[held_rows]
    whole = _fit(points, examples, np.arange(len(points)), estimator, seed)
    judged = random.permutation(len(held_rows))[:JUDGED_ON]
    importance = _importance(judge, points[held_rows[judged]], held_labels[judged], random)
    return Ranking(whole(ranked), _auc(held_labels, held_scores), held_scores, held_labels, importance)


def _auc(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    from sklearn.metrics import (
        roc_auc_score,
    )  # late, here and below: it takes seconds to load, and only the job needs it

    return float(roc_auc_score(labels, scores))


def _importance(
    judge: Any, points: NDArray[np.float64], labels: NDArray[np.bool_], random: np.random.Generator
) -> NDArray[np.float64]:
    if labels.all() or not labels.any():
        return np.zeros(points.shape[1])
    whole, lost = _auc(labels, judge(points)), []
    for column in range(points.shape[1]):
        shuffled = points.copy()
        shuffled[:, column] = random.permutation(shuffled[:, column])
        lost.append(max(0.0, whole - _auc(labels, judge(shuffled))))
    return np.array(lost)


def _fit(
    points: NDArray[np.float64],
    examples: NDArray[np.bool_],
    rows: NDArray[np.intp],
    estimator: str,
    seed: int,
) -> Any:
    """A function from m x p points to m scores, learned on at most LEARN_ON of `rows`."""
    rows = _thinned(rows, examples, LEARN_ON, seed)
    if estimator == "forest":
        from sklearn.ensemble import RandomForestClassifier

        leaf = max(3, len(rows) // 2_000)
        forest = RandomForestClassifier(TREES, min_samples_leaf=leaf, random_state=seed, n_jobs=1).fit(
            points[rows], examples[rows]
        )
        return lambda rows: forest.predict_proba(rows)[:, 1]
    from sklearn.svm import SVC, LinearSVC

    if len(rows) <= KERNEL_ROWS:
        kernel = SVC(kernel="rbf", class_weight="balanced", cache_size=500, random_state=seed).fit(
            points[rows], examples[rows]
        )
        return kernel.decision_function
    linear = LinearSVC(class_weight="balanced", dual=False, random_state=seed).fit(
        points[rows], examples[rows]
    )
    return linear.decision_function


def _thinned(rows: NDArray[np.intp], examples: NDArray[np.bool_], most: int, seed: int) -> NDArray[np.intp]:
    if len(rows) <= most:
        return rows
    random = np.random.default_rng(seed)
    ours, others = rows[examples[rows]], rows[~examples[rows]]
    ours = random.choice(ours, min(len(ours), most // 2), replace=False)
    return np.sort(
        np.concatenate([ours, random.choice(others, min(len(others), most - len(ours)), replace=False)])
    )
