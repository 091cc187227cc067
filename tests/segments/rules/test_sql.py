"""The statement finds whom a plain evaluation in Python finds, whatever the rule says; what it says never
becomes SQL."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import CustomerCounters
from segments.rules.sql import compile_rule
from segments.rules.tree import parse_submitted
from shop.models import Customer
from tests.factories import CustomerFactory
from tests.segments.rules.naive import BRANDS, CATEGORIES, COUNTRIES, NOW, World, make_world, members

pytestmark = pytest.mark.django_db
COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]


def found(rule, among=None):
    statement = compile_rule(parse_submitted(rule), as_of=NOW, among=among)
    with connection.cursor() as cursor:
        cursor.execute(statement.select(), statement.params)
        rows = [pk for (pk,) in cursor.fetchall()]
    assert len(rows) == len(set(rows))
    return set(rows)


def numbers(fields, values, **more):
    one = st.sampled_from(values)
    plain = st.fixed_dictionaries(
        {"field": st.sampled_from(fields), "op": st.sampled_from(COMPARISONS), "value": one, **more}
    )
    ends = st.tuples(one, one).map(sorted)
    between = st.fixed_dictionaries(
        {"field": st.sampled_from(fields), "op": st.just("between"), "value": ends, **more}
    )
    return plain | between


def texts(fields, **more):
    value = st.sampled_from([*filter(None, COUNTRIES), "an", "S", "%", "' OR 1=1 --", "_", "\\"])
    op = st.sampled_from(["=", "!=", "contains", "lacks", "begins"])
    return st.fixed_dictionaries(
        {"field": st.sampled_from(fields), "op": op, "value": value, **more}
    ) | st.fixed_dictionaries(
        {
            "field": st.sampled_from(fields),
            "op": st.sampled_from(["in", "not in"]),
            "value": st.lists(st.sampled_from(COUNTRIES[1:]), min_size=1, max_size=3),
            **more,
        }
    )


def dates(field, **more):
    day = st.sampled_from(
        ["1985-03-02", "2026-03-02", "2026-05-29", "2026-05-30", "2026-05-31", "2026-06-01"]
    )
    two = st.tuples(day, day).map(sorted)
    return st.one_of(
        st.fixed_dictionaries({"field": st.just(field), "op": st.sampled_from("<>"), "value": day, **more}),
        st.fixed_dictionaries(
            {
                "field": st.just(field),
                "op": st.sampled_from(["last", "ago"]),
                "value": st.integers(1, 40),
                **more,
            }
        ),
        st.fixed_dictionaries({"field": st.just(field), "op": st.just("between"), "value": two, **more}),
    )


def counts(fields, values):
    lists = {
        "category": st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=2),
        "brand": st.lists(st.sampled_from([*BRANDS, "'); --"]), min_size=1, max_size=2),
        "product": st.lists(st.sampled_from(["SA", "HB"]), min_size=1, max_size=2),
    }
    window = {
        "days": st.sampled_from([None, 1, 7, 14, 365]),
        "where": st.fixed_dictionaries({}, optional=lists),
    }
    return numbers(fields, values, **window)


def known(*fields, **more):
    return st.fixed_dictionaries(
        {"field": st.sampled_from(fields), "op": st.sampled_from(["known", "unknown"]), **more}
    )


def rules(world):
    condition = st.one_of(
        numbers(["frequency", "monetary"], [0, 1, 2, 9.5, 100, -3.25, 1e12]),
        numbers(["recency"], [0, 1, 2, 2.5, 20, 1e12, -1e12]),
        numbers(["prediction.churn"], [0, 0.25, 0.5, 1]),
        texts(["person.country"]),
        texts(["prediction.category"]),
        st.fixed_dictionaries(
            {
                "field": st.just("prediction.category"),
                "op": st.sampled_from(["in", "not in"]),
                "value": st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=2),
            }
        ),
        numbers(["attribute.age"], [17, 18, 40.5, 41], kind=st.just("number")),
        texts(["attribute.age"], kind=st.just("text")),
        dates("person.since"),
        dates("attribute.born", kind=st.just("date")),
        known("person.country", "person.email", "recency", "prediction.churn", "prediction.category"),
        known("attribute.age", kind=st.just("number")),
        known("attribute.born", kind=st.just("date")),
        st.fixed_dictionaries(
            {
                "field": st.just("attribute.vip"),
                "op": st.just("="),
                "value": st.booleans(),
                "kind": st.just("bool"),
            }
        ),
        st.fixed_dictionaries(
            {
                "field": st.sampled_from(["consent.email", "consent.sms"]),
                "op": st.just("="),
                "value": st.booleans(),
            }
        ),
        counts(["event.view", "event.cart"], [0, 1, 2, 3]),
        counts(["order.count", "order.items", "order.amount"], [0, 1, 2, 20]),
        counts(["order.share"], [0, 0.25, 0.5, 1]),
        st.fixed_dictionaries(
            {
                "field": st.just("segment"),
                "op": st.sampled_from(["in", "not in"]),
                "value": st.lists(st.sampled_from(world.segments), min_size=1, max_size=3),
            }
        ),
    )
    return st.recursive(
        condition,
        lambda inner: st.tuples(
            st.sampled_from(["all", "any", "not"]), st.lists(inner, min_size=1, max_size=3)
        ).map(lambda group: {group[0]: group[1]}),
        max_leaves=8,
    )


def normal(rule):
    """Without the empty parts that the strategies leave in."""
    if "field" in rule:
        return {name: value for name, value in rule.items() if value not in (None, {})}
    return {how: [normal(one) for one in inner] for how, inner in rule.items()}


@pytest.fixture
def world(db) -> World:
    return make_world(seed=5)


def test_finds_whom_a_plain_evaluation_finds(world):
    among = [person.pk for person in world.people[::3]]

    @settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(rules(world))
    def check(raw):
        rule = normal(raw)
        expected = members(world, rule)
        assert found(rule) == expected
        assert found(rule, among) == expected & set(among)

    check()


@pytest.mark.parametrize(
    "said",
    [
        "'; DROP TABLE shop_customer; --",
        "%s",
        "%(p0)s",
        "{0}",
        "\\'; SELECT pg_sleep(9); --",
        "1) OR (1=1",
    ],
)
def test_what_a_rule_says_stays_a_value(world, said):
    before = Customer.objects.count()
    assert found({"field": "person.country", "op": "=", "value": said}) == set()
    where = {"category": [said], "brand": [said], "product": [said]}
    assert found({"field": "event.view", "op": ">=", "value": 1, "where": where}) == set()
    assert found({"field": "person.country", "op": "in", "value": [said]}) == set()
    assert Customer.objects.count() == before


def test_the_name_of_an_attribute_stays_a_value(world):
    wicked = "x') IS NOT NULL OR ('1"
    Customer.objects.filter(pk=world.people[0].pk).update(attributes={wicked: "5", "100%": "7", "a{b}c": "9"})
    for name, value in ((wicked, 5), ("100%", 7), ("a{b}c", 9)):
        assert found({"field": f"attribute.{name}", "op": "=", "value": value}) == {world.people[0].pk}


SHARES = {"order.share", "prediction.churn"}


def test_every_comparison_at_its_edges(world):
    for field in ("recency", "frequency", "event.view", "order.items", "order.share", "prediction.churn"):
        for op in COMPARISONS:
            for value in (0, 0.25, 0.5, 1) if field in SHARES else (0, 0.25, 0.5, 1, 2, 3):
                rule = {"field": field, "op": op, "value": value}
                assert found(rule) == members(world, rule), rule


ODD = {
    "s1": "50% off", "s2": "500 off", "s3": "50_off", "s4": "O'Brien \"x\"", "s5": "C:\\new", "s6": "特价",
    "s7": "A\u030angstro\u0308m", "s8": "\u00c5ngstr\u00f6m", "s9": "gold", "s10": "GOLD", "s11": "a,b;c",
    "s12": "line one\nline two", "s13": "{{ first_name }}", "s14": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("op", "value", "names"),
    [
        ("contains", "50%", "s1"),
        ("contains", "_", "s3 s13"),
        ("contains", "\\", "s5"),
        ("contains", "特价", "s6"),
        ("contains", "LINE TWO", "s12"),
        ("begins", "50", "s1 s2 s3"),
        ("begins", "Go", "s9 s10"),
        ("=", "Gold", "s9 s10"),
        ("in", ["goLD", "A,b;C"], "s9 s10 s11"),
        ("=", "\u00e5NGSTR\u00d6M", "s7 s8"),
        ("contains", "O'b", "s4"),
        ("=", "{{ first_name }}", "s13"),
    ],
)
def test_texts_are_compared_as_written_but_for_their_case(db, op, value, names):
    people = [CustomerFactory(external_id=name, attributes={"code": code}) for name, code in ODD.items()]
    CustomerCounters.objects.bulk_create(
        CustomerCounters(customer=person, counted_at=NOW) for person in people
    )
    named = {person.pk for person in people if person.external_id in names.split()}
    everybody = {person.pk for person in people}
    rule = {"field": "attribute.code", "op": op, "value": value}
    assert found(rule) == named
    assert found({"not": [rule]}) == everybody - named
    if negated := {"=": "!=", "in": "not in", "contains": "lacks"}.get(op):
        assert found({**rule, "op": negated}) == everybody - named
