"""What goes together: association rules over baskets, counted exactly by sparse matrix products (Agrawal et
al. 1993)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

MOST_ITEMS = 5_000  # the most frequent; pairs are counted in a matrix of so many squared, which is sparse
MOST_PAIRS_EXTENDED = 2_000  # pairs that are tried with a third item: the most frequent


@dataclass(frozen=True)
class Rule:
    """Who has all of `given` also has `then`. `count`: baskets with all of them; `support`: their share of
    all baskets; `confidence`: their share of the baskets with `given`; `lift`: that share against the share
    of baskets with `then` at all."""

    given: tuple[int, ...]
    then: int
    count: int
    support: float
    confidence: float
    lift: float


def association_rules(
    baskets: NDArray[np.int64],
    items: NDArray[np.int64],
    *,
    at_least: int,
    lift: float = 1.2,
    most: int = 500,
    triples: bool = True,
) -> list[Rule]:
    """Rules between things in the same basket. `baskets` and `items` are parallel: which basket holds which
    item (numbers from 0; repeats count once).

    A rule needs `at_least` baskets and a lift of at least `lift`; a rule with two givens must beat the
    confidence of both of its shorter ones. The strongest `most`, by lift times the root of the count: a great
    lift of a handful is chance.
    """
    table = _incidence(baskets, items)
    if not table.shape[0] or not table.shape[1]:
        return []
    total, single = table.shape[0], np.asarray(table.sum(axis=0)).ravel()
    pairs = _upper(table.T @ table, at_least)
    rules = [rule for a, b, n in pairs for rule in _both_ways(a, b, n, single, total)]
    if triples:
        rules += _triples(table, pairs, single, at_least)
    strong = [rule for rule in rules if rule.lift >= lift]
    return sorted(strong, key=lambda rule: (-_strength(rule), rule.given, rule.then))[:most]


def followed_by(
    people: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    at_least: int,
    lift: float = 1.2,
    most: int = 500,
) -> list[Rule]:
    """Rules from what people did to what they did later. Parallel arrays: the person, what they did, what
    came later (-1: nothing); a person counts once for each pair."""
    people = np.unique(people, return_inverse=True)[1]
    total = int(people.max(initial=-1)) + 1
    did = np.unique(np.column_stack([people, first]), axis=0)
    later = second >= 0
    came = np.unique(np.column_stack([people[later], second[later]]), axis=0)
    both = np.unique(np.column_stack([people[later], first[later], second[later]]), axis=0)
    n_did, n_came = np.bincount(did[:, 1], minlength=1), np.bincount(came[:, 1], minlength=1)
    pairs, counts = np.unique(both[:, 1:], axis=0, return_counts=True)
    rules = [
        _rule((int(a),), int(b), count=int(n), among=(int(n_did[a]), int(n_came[b]), total))
        for (a, b), n in zip(pairs, counts, strict=True)
        if n >= at_least
    ]
    strong = [rule for rule in rules if rule.lift >= lift]
    return sorted(strong, key=lambda rule: (-_strength(rule), rule.given, rule.then))[:most]


def _incidence(baskets: NDArray[np.int64], items: NDArray[np.int64]) -> sparse.csr_matrix:
    """Baskets x items, 1 where the basket holds the item; only the MOST_ITEMS most frequent items are
    filled."""
    baskets = np.unique(baskets, return_inverse=True)[1]
    once = np.unique(np.column_stack([baskets, items]), axis=0)
    shape = (int(baskets.max(initial=-1)) + 1, int(items.max(initial=-1)) + 1)
    counts = np.bincount(once[:, 1], minlength=shape[1])
    frequent = np.zeros(shape[1], dtype=bool)
    frequent[np.argsort(-counts, kind="stable")[:MOST_ITEMS]] = True
    once = once[frequent[once[:, 1]]]
    return sparse.csr_matrix((np.ones(len(once), dtype=np.int64), (once[:, 0], once[:, 1])), shape=shape)


def _upper(product: sparse.csr_matrix, at_least: int) -> list[tuple[int, int, int]]:
    """The entries above the diagonal that are large enough, the largest first."""
    upper = sparse.triu(product, k=1).tocoo()
    enough = upper.data >= at_least
    rows = zip(
        upper.row[enough].tolist(), upper.col[enough].tolist(), upper.data[enough].tolist(), strict=True
    )
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _rule(given: tuple[int, ...], then: int, *, count: int, among: tuple[int, int, int]) -> Rule:
    """`among`: how many baskets have what is given, have what follows, and are there at all."""
    with_given, with_then, total = among
    confidence = count / with_given
    return Rule(given, then, count, count / total, confidence, confidence / (with_then / total))


def _both_ways(a: int, b: int, count: int, single: NDArray[np.int64], total: int) -> list[Rule]:
    n_a, n_b = int(single[a]), int(single[b])
    return [
        _rule((a,), b, count=count, among=(n_a, n_b, total)),
        _rule((b,), a, count=count, among=(n_b, n_a, total)),
    ]


def _triples(
    table: sparse.csr_matrix, pairs: list[tuple[int, int, int]], single: NDArray[np.int64], at_least: int
) -> list[Rule]:
    total, columns = table.shape[0], table.tocsc()
    of_pair = {(a, b): n for a, b, n in pairs}
    rules = []
    for a, b, n in pairs[:MOST_PAIRS_EXTENDED]:
        both = columns[:, a].multiply(columns[:, b])
        together = np.asarray((both.T @ columns).todense()).ravel()
        for c in np.flatnonzero(together >= at_least).tolist():
            if c in (a, b):
                continue
            rule = _rule((a, b), c, count=int(together[c]), among=(n, int(single[c]), total))
            shorter = max(of_pair.get((min(x, c), max(x, c)), 0) / single[x] for x in (a, b))
            if rule.confidence > shorter:
                rules.append(rule)
    return rules


def _strength(rule: Rule) -> float:
    return float((rule.lift - 1) * np.sqrt(rule.count))
