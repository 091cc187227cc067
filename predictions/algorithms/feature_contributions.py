"""What each feature adds to a score: exact for linear scores and trees, through a stated surrogate for the
rest.

Contributions have shape (n, p) and are measured from `base`, the score of the typical customer: `base +
contributions.sum(axis=1)` is the score (of the surrogate, where there is one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import Ridge

Array = NDArray[np.float64]
STEPS = 12  # of a feature's step function in the surrogate
# Penalty a row of the surrogate's effects: features that go together would else get large effects of opposite
# signs, and a reason that says the contrary of what it means. About here the fidelity on the demo shop is the
# highest, too.
SHRINK = 0.01
NEAR = 1e-4
MOST_STRETCH = 3.0
CACHED_ROWS = 4_000  # with their contributions they fit into the processor's cache


@dataclass(frozen=True)
class PathTable:
    """A forest as tables: each leaf holds what the splits on its path added to the root's share of positives,
    feature by feature.

    The path contributions of Saabas (2014); the parts of a tree add up to leaf minus root, those of a forest
    to its probability minus `base`, the mean of the roots.
    """

    forest: RandomForestClassifier
    leaves: list[Array]  # a tree each: nodes x p
    base: float

    @classmethod
    def of(cls, forest: RandomForestClassifier) -> PathTable:
        tables = [_paths(tree.tree_, forest.n_features_in_) for tree in forest.estimators_]
        return cls(forest, tables, float(np.mean([_share(tree.tree_)[0] for tree in forest.estimators_])))

    def contributions(self, values: Array) -> Array:
        narrow = np.ascontiguousarray(values, dtype=np.float32)  # what trees compare with
        total = np.zeros(values.shape)
        for tree, table in zip(self.forest.estimators_, self.leaves, strict=True):
            total += table[tree.tree_.apply(narrow)]
        return total / len(self.leaves)


def _share(tree: Any) -> Array:
    """The share of positives in each node."""
    value = tree.value[:, 0, :]
    return np.asarray(value[:, 1] / value.sum(axis=1))


def _paths(tree: Any, features: int) -> Array:
    share, table = _share(tree), np.zeros((tree.node_count, features))
    children = np.stack([tree.children_left, tree.children_right], axis=1)
    for node in np.flatnonzero(children[:, 0] >= 0):  # parents come before their children
        for child in children[node]:
            table[child] = table[node]
            table[child, tree.feature[node]] += share[child] - share[node]
    return table


@dataclass(frozen=True)
class Boosted:
    """One tree of a boosting, a row a node, the root first: where it goes from there, and what the path has
    added to the root's expectation until there, feature by feature (nodes x p)."""

    feature: NDArray[np.intp]
    threshold: Array
    missing_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    depth: int
    table: Array
    expected: float

    @classmethod
    def of(cls, nodes: NDArray[Any], features: int) -> Boosted:
        """`nodes` as scikit-learn has them: parents before children. What a node expects is the mean of the
        leaves below it, weighed by the customers it was fitted on."""
        leaf = nodes["is_leaf"].astype(bool)
        itself = np.arange(len(nodes))
        left, right = (np.where(leaf, itself, nodes[side].astype(np.intp)) for side in ("left", "right"))
        expected, count = nodes["value"].copy(), nodes["count"].astype(np.float64)
        for node in np.flatnonzero(~leaf)[::-1]:
            pair = [left[node], right[node]]
            expected[node] = expected[pair] @ count[pair] / count[pair].sum()
        table = np.zeros((len(nodes), features))
        for node in np.flatnonzero(~leaf):
            for child in (left[node], right[node]):
                table[child] = table[node]
                table[child, nodes["feature_idx"][node]] += expected[child] - expected[node]
        return cls(
            nodes["feature_idx"].astype(np.intp),
            nodes["num_threshold"].copy(),
            nodes["missing_go_to_left"].astype(bool),
            left,
            right,
            int(nodes["depth"].max()),
            table,
            float(expected[0]),
        )

    def contributions(self, values: Array) -> Array:
        rows, node = np.arange(len(values)), np.zeros(len(values), dtype=np.intp)
        for _step_down in range(self.depth):
            found = values[rows, self.feature[node]]
            goes_left = np.where(np.isnan(found), self.missing_left[node], found <= self.threshold[node])
            node = np.where(goes_left, self.left[node], self.right[node])
        return np.asarray(self.table[node])


@dataclass(frozen=True)
class BoostedPaths:
    """The path contributions of Saabas (2014) for gradient boosted trees: exact, the parts of all trees add
    up to the log-odds, or to the logarithm that a Poisson loss predicts.

    `columns`: which of the `width` features the trees know.
    """

    trees: list[Boosted]
    base: float
    columns: NDArray[np.intp]
    width: int

    @classmethod
    def of(
        cls,
        boosting: HistGradientBoostingClassifier | HistGradientBoostingRegressor,
        columns: NDArray[np.intp],
        width: int,
    ) -> BoostedPaths:
        """Reads what scikit-learn keeps to itself (`_predictors`): it has no public way to the nodes of these
        trees."""
        trees = [Boosted.of(tree.nodes, len(columns)) for (tree,) in boosting._predictors]
        base = float(boosting._baseline_prediction.item()) + sum(tree.expected for tree in trees)
        return cls(trees, base, columns, width)

    def contributions(self, values: Array) -> Array:
        total = np.zeros(values.shape)
        for start in range(0, len(values), CACHED_ROWS):
            rows = slice(start, start + CACHED_ROWS)
            known = np.ascontiguousarray(values[rows, self.columns])
            total[rows, self.columns] = sum(tree.contributions(known) for tree in self.trees)
        return total


@dataclass(frozen=True)
class Surrogate:
    """A sum of one step function a feature, fitted to the score of an estimator that has no parts of its own.

    `fidelity`: share of the score's variance it explains on customers it was not fitted to (R^2).
    """

    edges: list[Array]
    effects: list[Array]  # a feature each: one number a step, the last for a missing value
    base: float
    fidelity: float

    @classmethod
    def of(cls, score: Callable[[Array], Array], values: Array, held_out: Array) -> Surrogate:
        """Fitted on the rows `values`, its fidelity measured on the rows `held_out`."""
        edges = [_edges(column) for column in values.T]
        steps = [_step(column, cuts) for column, cuts in zip(values.T, edges, strict=True)]
        widths = [len(cuts) + 2 for cuts in edges]
        design = np.hstack([np.eye(width)[step] for step, width in zip(steps, widths, strict=True)])
        average, wanted = design.mean(axis=0), score(values)
        weights = Ridge(alpha=SHRINK * len(values)).fit(design - average, wanted).coef_
        parts = np.split(weights, np.cumsum(widths)[:-1])
        means = np.split(average, np.cumsum(widths)[:-1])
        effects = [part - part @ mean for part, mean in zip(parts, means, strict=True)]
        bare = cls(edges, effects, float(wanted.mean()), 0.0)
        truth = score(held_out)
        missed = truth - bare.base - bare.contributions(held_out).sum(axis=1)
        return cls(edges, effects, bare.base, float(1 - missed.var() / max(truth.var(), 1e-12)))

    def contributions(self, values: Array) -> Array:
        columns = zip(values.T, self.edges, self.effects, strict=True)
        return np.column_stack([effect[_step(column, edges)] for column, edges, effect in columns])


def _edges(column: Array) -> Array:
    known = column[np.isfinite(column)]
    return np.unique(np.quantile(known, np.linspace(0, 1, STEPS + 1)[1:-1])) if known.size else np.zeros(0)


def _step(column: Array, edges: Array) -> NDArray[np.intp]:
    return np.where(np.isnan(column), len(edges) + 1, np.searchsorted(edges, column, side="right"))


def in_points(
    contributions: Array, base: float, score: Array, probability: Callable[[Array], Array]
) -> Array:
    """Contributions to a score -> to the probability that `probability` (rising) makes of it.

    Each row is stretched by the slope of the chord between the typical customer and this one, so that its
    parts add up to the difference of the two probabilities. `score` is what the parts should add up to from
    `base`: those of a stand-in that sees too little or too much of it are stretched to it, by MOST_STRETCH at
    most and never turned round.
    """
    total = contributions.sum(axis=1)
    found = np.where(np.abs(total) < NEAR, NEAR, total)
    window = (score - base) / found
    far = np.where((window > 0) & (window < MOST_STRETCH), score - base, found)
    slope = (probability(base + far) - probability(np.full(len(total), base))) / found
    return contributions * slope[:, None]


def strongest(points: Array, values: Array, most: int) -> tuple[Array, Array, Array]:
    """The `most` largest contributions of each row, strongest first: columns, points and the customer's own
    values, each n x most."""
    order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :most]
    return order.astype(float), np.take_along_axis(points, order, 1), np.take_along_axis(values, order, 1)
