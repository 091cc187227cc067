"""The demo catalogue: eight categories, sixteen collections that cut across them, three price tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shop.demo.groups import GROUPS
from shop.demo.vocabulary import BASE_PRICES, COLOUR_CODES, MAKES_OF, PER_POUND, Vocabulary

CATEGORIES = 8
PER_CATEGORY = 40
PRODUCTS = CATEGORIES * PER_CATEGORY
COLLECTIONS = 16
TIER_FACTOR = np.array([0.45, 1.0, 2.4])

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Catalogue:
    """Arrays over products (length PRODUCTS), except `chances`: cumulative purchase chances over products,
    one row for each (group, collection) pair, and `favourites`: cumulative chances over collections, one row
    for each group."""

    category: Ints
    collection: Ints
    tier: Ints
    price: Floats  # in the shop's currency
    cost: Floats
    stock: Ints
    colour: Ints
    brand: Ints
    titles: list[str]
    companion: Ints  # the product that is bought along with this one
    chances: Floats
    favourites: Floats


def categories_of(collection: int) -> tuple[int, int]:
    """The two categories that a collection draws from, ten products each."""
    first = collection // 2
    return first, (first + (1 if collection % 2 == 0 else 3)) % CATEGORIES


def _collections() -> Ints:
    """The collection of each product: every category gives ten products to each of its four collections."""
    taken = [0] * CATEGORIES
    collection = np.zeros(PRODUCTS, dtype=np.int64)
    for number in range(COLLECTIONS):
        for category in categories_of(number):
            start = category * PER_CATEGORY + taken[category]
            collection[start : start + 10] = number
            taken[category] += 10
    return collection


def _prices(rng: np.random.Generator, category: Ints, noun: Ints, tier: Ints, currency: str) -> Floats:
    base = np.array(BASE_PRICES)[category, noun] * TIER_FACTOR[tier] * rng.uniform(0.9, 1.12, PRODUCTS)
    scaled = base * PER_POUND.get(currency, 1.0)
    return np.maximum(np.round(scaled), 2) - (0.0 if currency in {"CNY", "JPY"} else 0.01)


def _chances(rng: np.random.Generator, collection: Ints, tier: Ints) -> Floats:
    popularity = rng.permutation(1.0 / np.arange(4, PRODUCTS + 4) ** 0.8)
    rows = []
    for group in GROUPS:
        appeal = popularity * np.array(group.tiers)[tier]
        rows += [
            0.7 * _share(appeal * (collection == number)) + 0.3 * _share(appeal)
            for number in range(COLLECTIONS)
        ]
    return np.cumsum(rows, axis=1)


def _share(weights: Floats) -> Floats:
    return weights / weights.sum()


def _favourites() -> Floats:
    rows = [
        _share(
            np.array(
                [
                    0.75 * group.taste[a] + 0.25 * group.taste[b]
                    for a, b in map(categories_of, range(COLLECTIONS))
                ]
            )
        )
        for group in GROUPS
    ]
    return np.cumsum(rows, axis=1)


def catalogue(seed: int, words: Vocabulary, currency: str) -> Catalogue:
    """The same catalogue for the same seed; prices in `currency`."""
    rng = np.random.default_rng([seed, 2])
    product = np.arange(PRODUCTS)
    category, place = product // PER_CATEGORY, product % PER_CATEGORY
    noun, make = place % 5, place // 5
    collection = _collections()
    tier = np.array([0, 1, 2, 0, 1, 2, 0, 1, 1, 0])[place % 10]
    colour = rng.integers(0, len(COLOUR_CODES), PRODUCTS)
    price = _prices(rng, category, noun, tier, currency)
    titles = [
        words.title.format(make=words.makes[MAKES_OF[c]][m], noun=words.nouns[c][n], colour=words.colours[k])
        for c, m, n, k in zip(category, make, noun, colour, strict=True)
    ]
    # A companion shares collection and tier half of the time: it is the next product of the collection.
    order = np.lexsort((product, collection)).reshape(COLLECTIONS, -1)
    companion = np.empty(PRODUCTS, dtype=np.int64)
    companion[order] = np.roll(order, -1, axis=1)
    return Catalogue(
        category=category,
        collection=collection,
        tier=tier,
        price=price,
        cost=np.round(price * rng.uniform(0.38, 0.6, PRODUCTS), 2),
        stock=rng.poisson(60, PRODUCTS),
        colour=colour,
        brand=(collection * 3 + tier) % len(words.brands),
        titles=titles,
        companion=companion,
        chances=_chances(rng, collection, tier),
        favourites=_favourites(),
    )
