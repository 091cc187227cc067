"""A small decision tree that explains a grouping in rules, and how often it gives the same group."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 4
SAMPLE = 20_000
HELD_OUT = 0.25
FAITHFUL = 0.80  # below, the rules would explain something else than the groups
SMALLEST_LEAF = 0.01


@dataclass(frozen=True)
class Bound:
    """Of one column: exclusive below, inclusive above; None: open."""

    column: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class LeafRule:
    """Where most of a group lies: the bounds of each column that matters. `covers`: the share of the group
    that meets it; `precise`: the share of those meeting it that are of the group."""

    bounds: list[Bound]
    covers: float
    precise: float


@dataclass(frozen=True)
class SurrogateTree:
    """`fidelity`: on customers it has not seen, the share to whom the tree gives the same group (Craven &
    Shavlik 1996). `rules`: one a group, None where no leaf is the group's."""

    fidelity: float
    rules: list[LeafRule | None]

    def as_json(self) -> dict[str, Any]:
        return {"fidelity": self.fidelity, "rules": [asdict(rule) if rule else None for rule in self.rules]}


def surrogate(
    values: NDArray[np.float64], labels: NDArray[np.int64], groups: int, seed: int
) -> SurrogateTree:
    """Fit a tree of depth DEPTH to `labels` (n positions below `groups`) by `values` (n x p, in their own
    units)."""
    from sklearn.tree import DecisionTreeClassifier  # late: it takes a second to load

    order = np.random.default_rng(seed).permutation(len(values))[:SAMPLE]
    held_out = order[: max(1, round(HELD_OUT * len(order)))]
    learnt = order[len(held_out) :] if len(order) > len(held_out) else order
    tree = DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=max(1, round(SMALLEST_LEAF * len(learnt))), random_state=seed
    )
    tree.fit(values[learnt], labels[learnt])
    fidelity = float((tree.predict(values[held_out]) == labels[held_out]).mean())
    leaves, paths = tree.apply(values[order]), _paths(tree.tree_)
    return SurrogateTree(fidelity, [_rule(leaves, labels[order], group, paths) for group in range(groups)])


Path = dict[int, tuple[float | None, float | None]]


def _paths(tree: Any) -> dict[int, Path]:
    """The bounds that lead to each leaf."""
    paths: dict[int, Path] = {0: {}}
    for node in range(tree.node_count):  # children have larger numbers than their parent
        if tree.children_left[node] < 0:
            continue
        path, column, threshold = paths.pop(node), int(tree.feature[node]), float(tree.threshold[node])
        low, high = path.get(column, (None, None))
        paths[int(tree.children_left[node])] = path | {column: (low, threshold)}
        paths[int(tree.children_right[node])] = path | {column: (threshold, high)}
    return paths


def _rule(
    leaves: NDArray[np.int64], labels: NDArray[np.int64], group: int, paths: dict[int, Path]
) -> LeafRule | None:
    """The leaf with most of the group, if the group is the largest part of it."""
    own = leaves[labels == group]
    if not own.size:
        return None
    found, counts = np.unique(own, return_counts=True)
    leaf, inside = int(found[counts.argmax()]), int(counts.max())
    everybody = labels[leaves == leaf]
    if np.bincount(everybody).argmax() != group:
        return None
    bounds = [Bound(column, low, high) for column, (low, high) in sorted(paths[leaf].items())]
    return LeafRule(bounds, inside / own.size, inside / everybody.size)
