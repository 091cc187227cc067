"""What the demo shop's visitors do: orders with lines, returns, and browsing. Times are seconds since the
epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.demo.catalogue import COLLECTIONS, PRODUCTS, Catalogue, Floats, Ints
from shop.demo.groups import GROUPS

DAY = 86_400
TWO_YEARS = 730 * DAY
BROWSING = 210 * DAY
GUESTS_PER_CUSTOMER, RETURN_SHARE = 0.2, 0.04
GUEST_GROUP = 3  # guests shop like new customers
UNEVEN = 0.45  # of a gap between orders, how far from even they are
VIEW, CART, SEARCH, CHECKOUT, PURCHASE, FAVOURITE = range(6)
# How Tuesday noon differs from Sunday night: the chance of each hour.
HOURS = np.array(
    [1, 0.4, 0.2, 0.1, 0.1, 0.3, 1, 2, 3, 4, 5, 5, 6, 5, 4, 4, 4, 5, 6, 7, 8, 8, 6, 3], dtype=float
)


@dataclass(frozen=True)
class Visitors:
    """Arrays over visitors: `customers` customers first, then guests. `since` and `last` bound what they
    do."""

    customers: int
    group: Ints
    since: Ints
    last: Ints
    first_choice: Ints  # favourite collections
    second_choice: Ints


@dataclass(frozen=True)
class Orders:
    """Orders by time, and their lines by order. `visitor` indexes Visitors; `refunds` is the order taken
    back, or -1."""

    visitor: Ints
    placed: Ints
    saved: Floats  # share of the price that the coupon took off
    refunds: Ints
    line_order: Ints
    product: Ints
    quantity: Ints


@dataclass(frozen=True)
class Events:
    visitor: Ints
    at: Ints
    visit: Ints
    kind: Ints
    product: Ints  # -1: none
    dwell: Ints  # -1: none


def _of_group(group: Ints, attribute: str) -> Floats:
    return np.array([getattr(planted, attribute) for planted in GROUPS], dtype=float)[group]


def visitors(rng: np.random.Generator, customers: Ints, goods: Catalogue, now: int) -> Visitors:
    """Draw the customers of these groups (shape (n,)) and their share of guests, active in the two years
    before `now`."""
    groups = np.append(customers, np.full(round(len(customers) * GUESTS_PER_CUSTOMER), GUEST_GROUP))
    n = len(groups)
    tenure, recency = _of_group(groups, "tenure_days"), _of_group(groups, "recency_days")
    since = now - (rng.uniform(tenure[:, 0], tenure[:, 1]) * DAY).astype(np.int64)
    last = now - (rng.uniform(recency[:, 0], recency[:, 1]) * DAY).astype(np.int64)
    choices = [
        (rng.random(n)[:, None] > goods.favourites[groups]).sum(axis=1).clip(max=COLLECTIONS - 1)
        for _ in range(2)
    ]
    return Visitors(len(customers), groups, since, np.maximum(last, since + 3600), *choices)


def _pick(rng: np.random.Generator, who: Visitors, visitor: Ints, goods: Catalogue) -> Ints:
    """A product for each entry of `visitor`, from one of the visitor's two favourite collections."""
    collection = np.where(
        rng.random(len(visitor)) < 0.72, who.first_choice[visitor], who.second_choice[visitor]
    )
    row = who.group[visitor] * COLLECTIONS + collection
    steps = (
        goods.chances + np.arange(len(goods.chances))[:, None]
    ).ravel()  # rows one after the other, increasing
    place = np.searchsorted(steps, row + rng.random(len(visitor)), side="right")
    return np.minimum(place - row * PRODUCTS, PRODUCTS - 1)


def _at_waking_hours(rng: np.random.Generator, at: Ints, now: int) -> Ints:
    """The same days at believable hours, never after `now`."""
    hour = rng.choice(24, len(at), p=HOURS / HOURS.sum())
    moved = at - at % DAY + hour * 3600 + rng.integers(0, 3600, len(at))
    return np.where(moved >= now - 60, moved - DAY, moved)


def orders(rng: np.random.Generator, who: Visitors, goods: Catalogue, now: int) -> Orders:
    """Sales of all visitors, each guest with exactly one, and the returns of some of them."""
    visitor, placed = _when(rng, who)
    placed = np.maximum(_at_waking_hours(rng, placed, now), who.since[visitor])
    by_time = np.argsort(placed, kind="stable")
    visitor, placed = visitor[by_time], placed[by_time]
    line_order, product, quantity = _lines(rng, who, visitor, goods)
    coupon = rng.random(len(visitor)) < _of_group(who.group, "discount_rate")[visitor]
    saved = np.where(coupon, rng.choice([0.1, 0.15, 0.2, 0.3], len(visitor)), 0.0)
    sales = Orders(visitor, placed, saved, np.full(len(visitor), -1), line_order, product, quantity)
    return _with_returns(rng, sales, now)


def _when(rng: np.random.Generator, who: Visitors) -> tuple[Ints, Ints]:
    """Visitor and moment of each order: the first on coming, then in a rhythm of one's own, for as long as
    one is a customer."""
    n, mean = len(who.group), _of_group(who.group, "orders")
    rhythm = _of_group(who.group, "rhythm") * rng.uniform(0.75, 1.25, n) * DAY
    span = (who.last - who.since).astype(np.float64)
    most = np.where(
        np.isfinite(rhythm), np.ceil(span / np.where(np.isfinite(rhythm), rhythm, 1)) + 2, 1
    ).astype(np.int64)
    most[(mean < 1) & (rng.random(n) >= mean)] = 0
    most[who.customers :] = 1
    visitor = np.repeat(np.arange(n), most)
    place = np.arange(len(visitor)) - np.repeat(np.cumsum(most) - most, most)
    early = np.where(place > 0, place + rng.uniform(-UNEVEN, UNEVEN, len(visitor)), 0)
    after = np.where(place > 0, early * np.where(np.isfinite(rhythm), rhythm, 0)[visitor], 0)
    once = (mean < 1)[visitor] | (visitor >= who.customers)  # at any time
    after = np.where(once, rng.random(len(visitor)) * span[visitor], after)
    made = after <= span[visitor]
    return visitor[made], who.since[visitor[made]] + after[made].astype(np.int64)


def _lines(
    rng: np.random.Generator, who: Visitors, visitor: Ints, goods: Catalogue
) -> tuple[Ints, Ints, Ints]:
    count = 1 + rng.poisson(_of_group(who.group, "lines")[visitor] - 1)
    line_order = np.repeat(np.arange(len(visitor)), count)
    product = _pick(rng, who, visitor[line_order], goods)
    follows = (
        np.flatnonzero((line_order[1:] == line_order[:-1]) & (rng.random(len(line_order) - 1) < 0.3)) + 1
    )
    product[follows] = goods.companion[product[follows - 1]]
    once = np.unique(line_order * PRODUCTS + product)  # a product stands on one line of an order
    line_order, product = once // PRODUCTS, once % PRODUCTS
    quantity = 1 + rng.poisson(_of_group(who.group, "quantity")[visitor[line_order]] - 1)
    return line_order, product, quantity


def _with_returns(rng: np.random.Generator, sales: Orders, now: int) -> Orders:
    """Append the returns: one line of the order comes back some days later, with a negative quantity."""
    at = sales.placed + (rng.uniform(3, 20, len(sales.placed)) * DAY).astype(np.int64)
    back = np.flatnonzero((rng.random(len(at)) < RETURN_SHARE) & (at < now))
    first_line = np.searchsorted(sales.line_order, back)
    new = len(sales.placed) + np.arange(len(back))
    return Orders(
        visitor=np.append(sales.visitor, sales.visitor[back]),
        placed=np.append(sales.placed, at[back]),
        saved=np.append(sales.saved, sales.saved[back]),
        refunds=np.append(sales.refunds, back),
        line_order=np.append(sales.line_order, new),
        product=np.append(sales.product, sales.product[first_line]),
        quantity=np.append(sales.quantity, -sales.quantity[first_line]),
    )


def events(rng: np.random.Generator, who: Visitors, made: Orders, goods: Catalogue, now: int) -> Events:
    """Browsing of the last seven months: visits that end in an order, and visits that do not."""
    buying = _buying(rng, who, made, now)
    looking = _looking(rng, who, goods, now, first_visit=len(made.placed))
    every = [np.concatenate(pair) for pair in zip(buying, looking, strict=True)]
    by_time = np.argsort(every[1], kind="stable")
    visitor, at, visit, kind, product = (column[by_time] for column in every)
    typical = _of_group(who.group, "dwell_seconds")[visitor]
    dwell = np.where(kind == VIEW, rng.lognormal(np.log(typical), 0.7).clip(1, 1800), -1).astype(np.int64)
    return Events(visitor, at, visit, kind, product, dwell)


Columns = tuple[Ints, Ints, Ints, Ints, Ints]  # visitor, at, visit, kind, product


def _buying(rng: np.random.Generator, who: Visitors, made: Orders, now: int) -> Columns:
    """Each recent sale's visit: most of its products viewed, half put into the cart one by one, checkout,
    purchase."""
    recent = (made.refunds < 0) & (made.placed > now - BROWSING) & (made.visitor < who.customers)
    lines = np.flatnonzero(recent[made.line_order])
    seen = lines[rng.random(len(lines)) < 0.6]
    carted = lines[rng.random(len(lines)) < 0.5]
    bought = np.flatnonzero(recent)
    order = np.concatenate([made.line_order[seen], made.line_order[carted], bought, bought])
    sizes = [len(seen), len(carted), len(bought), len(bought)]
    spans = [(300, 1500), (120, 290), (30, 110), (0, 1)]  # seconds before the purchase
    before = np.concatenate([rng.integers(*span, size) for span, size in zip(spans, sizes, strict=True)])
    product = np.concatenate([made.product[seen], made.product[carted], np.full(2 * len(bought), -1)])
    kind = np.repeat([VIEW, CART, CHECKOUT, PURCHASE], sizes)
    return made.visitor[order], made.placed[order] - before, order, kind, product


def _looking(
    rng: np.random.Generator, who: Visitors, goods: Catalogue, now: int, *, first_visit: int
) -> Columns:
    """Visits without a purchase: views, some searches first, now and then a cart left behind or a
    favourite."""
    n = who.customers
    begin = np.maximum(who.since[:n], now - BROWSING)
    span = np.maximum(who.last[:n] - begin, 0)
    visits = np.where(span > 0, rng.poisson(_of_group(who.group[:n], "visits")), 0)
    owner = np.repeat(np.arange(n), visits)
    start = begin[owner] + (rng.random(len(owner)) * span[owner]).astype(np.int64)
    start = np.maximum(_at_waking_hours(rng, start, now - 3600), begin[owner])
    views = 1 + rng.poisson(1.6, len(owner))
    visit = np.repeat(np.arange(len(owner)), views)
    visitor = owner[visit]
    step = np.arange(len(visit)) - np.repeat(np.cumsum(views) - views, views)
    at = start[visit] + step * rng.integers(20, 150, len(visit))
    product = _pick(rng, who, visitor, goods)
    chance = rng.random(len(visit))
    wanted = np.flatnonzero(chance < 0.16)
    searched = np.flatnonzero((step == 0) & (chance > 0.7))
    rows = np.concatenate([np.arange(len(visit)), wanted, searched])
    kind = np.concatenate(
        [
            np.full(len(visit), VIEW),
            np.where(chance[wanted] < 0.1, CART, FAVOURITE),
            np.full(len(searched), SEARCH),
        ]
    )
    later = np.where(kind == SEARCH, -15, np.where(kind == VIEW, 0, 12))
    return (
        visitor[rows],
        at[rows] + later,
        first_visit + visit[rows],
        kind,
        np.where(kind == SEARCH, -1, product[rows]),
    )
