"""Association rules of market baskets, counted exactly by sparse matrix products.

Agrawal, Imieliński, Swami: Mining Association Rules between Sets of Items in Large Databases (SIGMOD 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

MAXIMUM_ITEMS = 5_000  # the most frequent; pairs are counted in a sparse matrix of so many squared
MAXIMUM_EXTENDED_PAIRS = 2_000  # pairs that are tried with a third item: the most frequent
MINIMUM_LIFT = 1.2
MAXIMUM_RULES = 500


@dataclass(frozen=True)
class MinedRule:
    """Baskets with all `antecedents` also hold the `consequent` (item numbers).

    `count`: baskets that hold all of them. `support`: their share of all baskets. `confidence`: their share
    of the baskets with the antecedents. `lift`: confidence / the share of all baskets that hold the
    consequent; 1 means independent.
    """

    antecedents: tuple[int, ...]
    consequent: int
    count: int
    support: float
    confidence: float
    lift: float


def association_rules(
    baskets: NDArray[np.int64],
    items: NDArray[np.int64],
    *,
    minimum_count: int,
    minimum_lift: float = MINIMUM_LIFT,
    limit: int = MAXIMUM_RULES,
) -> list[MinedRule]:
    """Rules between items of the same basket.

    `baskets` and `items` are parallel: which basket holds which item (numbers from 0; repeats count once). A
    rule needs `minimum_count` baskets and `minimum_lift`; a rule with two antecedents must beat the
    confidence of both of its shorter ones. Returns the strongest `limit`, by (lift - 1) times the root of the
    count: a great lift of a handful is chance.
    """
    incidence = _incidence(baskets, items)
    if not incidence.shape[0] or not incidence.shape[1]:
        return []
    total, single = incidence.shape[0], np.asarray(incidence.sum(axis=0)).ravel()
    pairs = _frequent_pairs(incidence.T @ incidence, minimum_count)
    rules = [rule for a, b, count in pairs for rule in _both_directions(a, b, count, single, total)]
    rules += _triples(incidence, pairs, single, minimum_count)
    return _strongest(rules, minimum_lift, limit)


def sequence_rules(
    people: NDArray[np.int64],
    first: NDArray[np.int64],
    later: NDArray[np.int64],
    *,
    minimum_count: int,
    minimum_lift: float = MINIMUM_LIFT,
    limit: int = MAXIMUM_RULES,
) -> list[MinedRule]:
    """Rules from what people did first to what they did later.

    Parallel arrays of numbers from 0: the person, what they did first, what they did later (-1: nothing). A
    person counts once for each pair; support and lift are shares of people.
    """
    people = np.unique(people, return_inverse=True)[1]
    total = int(people.max(initial=-1)) + 1
    did = np.unique(np.column_stack([people, first]), axis=0)
    followed = later >= 0
    outcome = np.unique(np.column_stack([people[followed], later[followed]]), axis=0)
    both = np.unique(np.column_stack([people[followed], first[followed], later[followed]]), axis=0)
    with_first, with_later = np.bincount(did[:, 1], minlength=1), np.bincount(outcome[:, 1], minlength=1)
    pairs, counts = np.unique(both[:, 1:], axis=0, return_counts=True)
    rules = [
        _rule((int(a),), int(b), count=int(count), among=(int(with_first[a]), int(with_later[b]), total))
        for (a, b), count in zip(pairs, counts, strict=True)
        if count >= minimum_count
    ]
    return _strongest(rules, minimum_lift, limit)


def _incidence(baskets: NDArray[np.int64], items: NDArray[np.int64]) -> sparse.csr_matrix:
    """Baskets x items, 1 where the basket holds the item; only the MAXIMUM_ITEMS most frequent items are
    filled."""
    baskets = np.unique(baskets, return_inverse=True)[1]
    cells = np.unique(np.column_stack([baskets, items]), axis=0)
    shape = (int(baskets.max(initial=-1)) + 1, int(items.max(initial=-1)) + 1)
    counts = np.bincount(cells[:, 1], minlength=shape[1])
    frequent = np.zeros(shape[1], dtype=bool)
    frequent[np.argsort(-counts, kind="stable")[:MAXIMUM_ITEMS]] = True
    cells = cells[frequent[cells[:, 1]]]
    return sparse.csr_matrix((np.ones(len(cells), dtype=np.int64), (cells[:, 0], cells[:, 1])), shape=shape)


def _frequent_pairs(co_counts: sparse.csr_matrix, minimum_count: int) -> list[tuple[int, int, int]]:
    """(item, item, count) above the diagonal of items x items, the most frequent first."""
    upper = sparse.triu(co_counts, k=1).tocoo()
    enough = upper.data >= minimum_count
    pairs = zip(
        upper.row[enough].tolist(), upper.col[enough].tolist(), upper.data[enough].tolist(), strict=True
    )
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _rule(
    antecedents: tuple[int, ...], consequent: int, *, count: int, among: tuple[int, int, int]
) -> MinedRule:
    """`among`: baskets with the antecedents, baskets with the consequent, all baskets."""
    with_antecedents, with_consequent, total = among
    confidence = count / with_antecedents
    lift = confidence / (with_consequent / total)
    return MinedRule(antecedents, consequent, count, count / total, confidence, lift)


def _both_directions(a: int, b: int, count: int, single: NDArray[np.int64], total: int) -> list[MinedRule]:
    with_a, with_b = int(single[a]), int(single[b])
    return [
        _rule((a,), b, count=count, among=(with_a, with_b, total)),
        _rule((b,), a, count=count, among=(with_b, with_a, total)),
    ]


def _triples(
    incidence: sparse.csr_matrix,
    pairs: list[tuple[int, int, int]],
    single: NDArray[np.int64],
    minimum_count: int,
) -> list[MinedRule]:
    """Rules with two antecedents, from the most frequent pairs."""
    total, columns = incidence.shape[0], incidence.tocsc()
    count_of_pair = {(a, b): count for a, b, count in pairs}
    rules = []
    for a, b, with_pair in pairs[:MAXIMUM_EXTENDED_PAIRS]:
        both = columns[:, a].multiply(columns[:, b])
        co_counts = np.asarray((both.T @ columns).todense()).ravel()
        for c in np.flatnonzero(co_counts >= minimum_count).tolist():
            if c in (a, b):
                continue
            rule = _rule((a, b), c, count=int(co_counts[c]), among=(with_pair, int(single[c]), total))
            shorter = max(count_of_pair.get((min(x, c), max(x, c)), 0) / single[x] for x in (a, b))
            if rule.confidence > shorter:
                rules.append(rule)
    return rules


def _strongest(rules: list[MinedRule], minimum_lift: float, limit: int) -> list[MinedRule]:
    lifted = [rule for rule in rules if rule.lift >= minimum_lift]
    return sorted(lifted, key=lambda rule: (-_strength(rule), rule.antecedents, rule.consequent))[:limit]


def _strength(rule: MinedRule) -> float:
    return float((rule.lift - 1) * np.sqrt(rule.count))
