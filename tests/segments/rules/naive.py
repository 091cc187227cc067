"""A small shop held in Python beside the database, and rules asked of it one customer at a time: slow, plain
and written apart."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from predictions.cards import PredictionCard
from predictions.models import Prediction as StoredPrediction
from predictions.models import PredictionRun
from profiles.models import CustomerCounters
from segments.models import RuleMember
from shop.models import Consent, Customer, Event, Product
from tests.factories import (
    CustomerFactory,
    MembershipFactory,
    SegmentFactory,
    SegmentRunFactory,
)
from tests.planted import buy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COUNTRIES = ["", "France", "Spain", "United Kingdom", "O'Neill's \"Land\" %s -- é"]
CATEGORIES, BRANDS = ["Shoes", "Hats", "Tea; DROP"], ["Acme", "Best"]


@dataclass
class Person:
    pk: int
    counters: dict[str, float]
    last_order: datetime | None
    country: str
    since: date
    email: str
    attributes: dict[str, Any]
    consents: dict[str, bool] = field(default_factory=dict)
    events: list[tuple[str, datetime, Product | None]] = field(default_factory=list)
    orders: list[tuple[datetime, list[tuple[Product, int, float]]]] = field(default_factory=list)
    predictions: dict[str, float | str] = field(default_factory=dict)
    segments: set[int] = field(default_factory=set)


@dataclass
class World:
    people: list[Person]
    segments: list[int]


def make_world(seed: int, size: int = 40) -> World:
    rng = random.Random(seed)
    goods = [
        Product.objects.create(
            sku=f"{category[0]}{brand[0]}", category=category, brand=brand, price=5, currency="GBP"
        )
        for category in CATEGORIES
        for brand in BRANDS
    ]
    people = [_person(rng, goods) for _one in range(size)]
    return World(people, _segments(rng, people))


def _person(rng: random.Random, goods: list[Product]) -> Person:
    last = NOW - timedelta(hours=rng.choice([0, 5, 24, 48, 49, 500, 2400])) if rng.random() < 0.8 else None
    counters = {"frequency": float(rng.randint(0, 4)), "monetary": rng.choice([0, 9.5, 100, -3.25])}
    attributes: dict[str, Any] = {}
    if rng.random() < 0.7:
        attributes["age"] = rng.choice([17, 18, 40.5, "41", "old", "", None])
    if rng.random() < 0.7:
        attributes["born"] = rng.choice(
            ["1985-03-02", "1985-03-02T10:00", "2026-05-30", "2026-02-30", "yesterday"]
        )
    if rng.random() < 0.7:
        attributes["vip"] = rng.choice([True, False, "true", "perhaps"])
    customer = CustomerFactory(
        country=rng.choice(COUNTRIES),
        attributes=attributes,
        email=rng.choice(["", f"x{rng.random()}@example.com"]),
        created_at=NOW - timedelta(days=rng.choice([0, 1, 2, 3, 30])),
    )
    CustomerCounters.objects.create(customer=customer, counted_at=NOW, last_order_at=last, **counters)
    person = Person(
        customer.pk,
        counters,
        last,
        customer.country,
        customer.created_at.date(),
        customer.email,
        customer.attributes,
    )
    _history(rng, person, customer, goods)
    return person


def _history(rng: random.Random, person: Person, customer: Customer, goods: list[Product]) -> None:
    for n in range(rng.randint(0, 3)):
        channel, granted = rng.choice(["email", "sms"]), rng.random() < 0.5
        Consent.objects.create(
            customer=customer,
            channel=channel,
            granted=granted,
            source="form",
            recorded_at=NOW - timedelta(days=30 - n),
        )
        person.consents[channel] = granted
    for _n in range(rng.randint(0, 5)):
        kind, product = rng.choice(["view", "cart"]), rng.choice([*goods, None])
        at = NOW - timedelta(days=rng.choice([0, 1, 5, 13, 20]), minutes=rng.randint(1, 600))
        Event.objects.create(customer=customer, kind=kind, occurred_at=at, product=product)
        person.events.append((kind, at, product))
    for _n in range(rng.randint(0, 2)):
        product, quantity = rng.choice(goods), rng.randint(1, 3)
        at = NOW - timedelta(days=rng.choice([0, 3, 40]), minutes=rng.randint(1, 600))
        buy(customer, product, at, 10, quantity=quantity)  # type: ignore[arg-type]  # a number for a Decimal
        person.orders.append((at, [(product, quantity, 10.0 * quantity)]))
    if rng.random() < 0.6:
        person.predictions["churn"] = chance = rng.choice([0.0, 0.25, 0.5, 1.0])
        StoredPrediction.objects.create(run=_run("churn"), customer=customer, value=chance, reasons=[])
    if rng.random() < 0.6:
        person.predictions["category"] = category = rng.choice(CATEGORIES)
        choice = CATEGORIES.index(category) + 1
        StoredPrediction.objects.create(
            run=_run("category"), customer=customer, value=0.5, choice=choice, reasons=[]
        )


def _run(kind: str) -> PredictionRun:
    known = PredictionRun.objects.published(kind)
    if known:
        return known
    card = PredictionCard(categories=tuple(CATEGORIES))
    run = PredictionRun.objects.create(kind=kind, as_of=NOW, horizon_days=90, champion="x", card=card)
    run.publish()
    return run


def _segments(rng: random.Random, people: list[Person]) -> list[int]:
    """One found by a run in force, one by an old run, and one by rule."""
    found, old, by_rule = SegmentFactory(), SegmentFactory(), SegmentFactory(method="rule")
    in_force, replaced = SegmentRunFactory(), SegmentRunFactory()
    in_force.publish()
    for person in people:
        if rng.random() < 0.5:
            MembershipFactory(run=in_force, segment=found, customer_id=person.pk)
            person.segments.add(found.pk)
        if rng.random() < 0.5:
            MembershipFactory(run=replaced, segment=old, customer_id=person.pk)
        if rng.random() < 0.5:
            RuleMember.objects.create(segment=by_rule, customer_id=person.pk, since=NOW)
            person.segments.add(by_rule.pk)
    return [found.pk, old.pk, by_rule.pk]


# -- asking --------------------------------------------------------------------------------------------------


def members(world: World, rule: dict[str, Any]) -> set[int]:
    return {person.pk for person in world.people if holds(person, rule)}


def holds(person: Person, rule: dict[str, Any]) -> bool:
    if "all" in rule:
        return all(holds(person, one) for one in rule["all"])
    if "any" in rule:
        return any(holds(person, one) for one in rule["any"])
    if "not" in rule:
        return not any(holds(person, one) for one in rule["not"])
    negated = {"!=": "=", "not in": "in", "lacks": "contains", "unknown": "known"}
    if rule["op"] in negated:
        return not holds(person, {**rule, "op": negated[rule["op"]]})
    own = _own(person, rule)
    return own is not None and _compare(own, rule["op"], rule.get("value"), rule["field"])


def _own(person: Person, rule: dict[str, Any]) -> Any:  # noqa: PLR0911 - one for each topic
    topic, _dot, name = rule["field"].partition(".")
    if rule["field"] in person.counters:
        return person.counters[rule["field"]]
    if topic == "recency":
        return None if person.last_order is None else (NOW - person.last_order) / timedelta(days=1)
    if topic == "person":
        return {"country": person.country or None, "since": person.since, "email": person.email or None}[name]
    if topic == "attribute":
        return _attribute(person.attributes.get(name), rule["kind"])
    if topic == "consent":
        return person.consents.get(name, False)
    if topic == "prediction":
        return person.predictions.get(name)
    if topic == "segment":
        return person.segments
    return _counted(person, rule, name)


def _attribute(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        if kind == "number":
            return float(text)
        if kind == "bool":
            return {"true": True, "false": False}[text]
        if kind == "date":
            return date(int(text[:4]), int(text[5:7]), 1) + timedelta(days=int(text[8:10]) - 1)
    except (ValueError, KeyError):
        return None
    return text


def _counted(person: Person, rule: dict[str, Any], name: str) -> float:
    since = NOW - timedelta(days=rule["days"]) if rule.get("days") else datetime.min.replace(tzinfo=UTC)
    where = rule.get("where", {})

    def fits(product: Product | None) -> bool:
        return not where or (
            product is not None
            and all(
                {"category": product.category, "brand": product.brand, "product": product.sku}[key] in values
                for key, values in where.items()
            )
        )

    if rule["field"].startswith("event."):
        return sum(
            kind == name and since <= at < NOW and fits(product) for kind, at, product in person.events
        )
    everything = [(at, *line) for at, basket in person.orders if since <= at < NOW for line in basket]
    lines = [(at, quantity, amount) for at, product, quantity, amount in everything if fits(product)]
    if name == "share":
        spent = sum(amount for *_rest, amount in everything)
        return sum(amount for *_rest, amount in lines) / spent if spent else 0
    return {
        "count": len({at for at, *_rest in lines}),
        "items": sum(quantity for _at, quantity, _amount in lines),
        "amount": sum(amount for *_rest, amount in lines),
    }[name]


def _compare(own: Any, op: str, value: Any, key: str) -> bool:
    today = NOW.date()
    if isinstance(own, date) and op in {"<", ">", "between"}:
        value = (
            [date.fromisoformat(one) for one in value]
            if isinstance(value, list)
            else date.fromisoformat(value)
        )
    if key == "segment":
        return bool(own & set(value))
    if isinstance(own, str) and op in {"=", "in", "contains", "begins"}:
        own = own.lower()
        value = [one.lower() for one in value] if isinstance(value, list) else value.lower()
    if key == "recency" and op == "=":
        return value <= own < value + 1
    return {
        "known": lambda: True,
        "=": lambda: own == value,
        "<": lambda: own < value,
        "<=": lambda: own <= value,
        ">": lambda: own > value,
        ">=": lambda: own >= value,
        "between": lambda: value[0] <= own <= value[1],
        "in": lambda: own in value,
        "contains": lambda: value in own,
        "begins": lambda: own.startswith(value),
        "last": lambda: today - timedelta(days=value) <= own <= today,
        "ago": lambda: own < today - timedelta(days=value),
    }[op]()
