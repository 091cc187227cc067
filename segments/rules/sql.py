"""A checked tree as one statement. Every value is a parameter; identifiers come from the catalogue of fields
only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from segments.rules.fields import Kind, Scope
from segments.rules.tree import Condition, ConditionGroup
from shop.calendar import day_of

COMPARED = {"=": "{} = {}", "<": "{} < {}", "<=": "{} <= {}", ">": "{} > {}", ">=": "{} >= {}"}
# More days since a moment is an earlier moment.
EARLIER = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
NEGATED = {"!=": "=", "not in": "in", "lacks": "contains", "unknown": "known"}
JOINED = {"all": " AND ", "any": " OR ", "not": " OR "}
DAY = timedelta(days=1)

EVENTS = """LEFT JOIN (
    SELECT e.customer_id, count(*) AS n FROM shop_event e{product}
    WHERE e.kind = {counted} AND {when} GROUP BY e.customer_id
) {alias} ON {alias}.customer_id = k.customer_id"""
ORDERS = """LEFT JOIN (
    SELECT e.customer_id, {counted} AS n
    FROM shop_purchase e JOIN shop_orderline line ON line.order_id = e.id{product}
    WHERE {when} GROUP BY e.customer_id
) {alias} ON {alias}.customer_id = k.customer_id"""
PRODUCT_COLUMNS = {"category": "category", "brand": "brand", "product": "sku"}


@dataclass
class Statement:
    """A rule over the counters `k`: `select` completes it. `among`: only these customers are looked
    at."""

    as_of: datetime
    among: Sequence[int] | None = None
    joins: dict[str, str] = field(default_factory=dict)
    where: str = "true"
    params: dict[str, Any] = field(default_factory=dict)

    def value(self, value: Any) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def join(self, alias: str, clause: str) -> str:
        self.joins.setdefault(alias, clause)
        return alias

    def select(self, columns: str = "k.customer_id") -> str:
        """SELECT `columns` (of ours, never of a rule) of the customers in the rule, one row each."""
        joins = " ".join(self.joins.values())
        tables = f"profiles_customercounters k {joins}"
        return f"SELECT {columns} FROM {tables} WHERE {self.where}"  # noqa: S608 - our own names


def compile_rule(tree: ConditionGroup, *, as_of: datetime, among: Sequence[int] | None = None) -> Statement:
    """The rule on what is known at `as_of`, over everybody or the customers `among`."""
    statement = Statement(as_of, list(among) if among is not None else None)
    where = _group(tree, statement)
    if among is not None:
        where = f"k.customer_id = ANY({statement.value(statement.among)}) AND ({where})"
    statement.where = where
    return statement


def _group(group: ConditionGroup, scope: Statement) -> str:
    parts = [
        _group(member, scope) if isinstance(member, ConditionGroup) else holds(member, scope)
        for member in group.members
    ]
    joined = JOINED[group.how].join(f"({part})" for part in parts)
    return f"({joined}) IS NOT TRUE" if group.how == "not" else joined


def holds(condition: Condition, scope: Statement) -> str:
    """Holds or does not: what is not known makes a negated comparison true and every other false."""
    if condition.op in NEGATED:
        return f"({_plain(condition, NEGATED[condition.op], scope)}) IS NOT TRUE"
    return _plain(condition, condition.op, scope)


def _plain(condition: Condition, op: str, scope: Statement) -> str:
    kind = condition.field.kind
    if kind is Kind.SEGMENT:
        return _in_segments(list(condition.value), scope)  # type: ignore[arg-type]  # keys, as checked
    if kind is Kind.COUNT:
        return _compared(f"coalesce({_counted(condition, scope)}.n, 0)", op, condition.value, scope)
    own = condition.field.expression(scope)
    if op == "known":
        return f"{own} IS NOT NULL"
    if kind is Kind.DAYS:
        return _days_since(own, op, condition.value, scope)
    if kind is Kind.DATE:
        return _dated(own, op, condition.value, scope)
    compared = _alike if kind is Kind.TEXT else _compared
    return compared(own, op, condition.value, scope)


def own_value(condition: Condition, scope: Statement) -> str:
    """The customer's own figure that the condition compares, in the unit in which the rule says it; NULL
    where there is none."""
    kind = condition.field.kind
    if kind in {Kind.SEGMENT, Kind.PRESENCE}:
        return "NULL"
    if kind is Kind.COUNT:
        return f"coalesce({_counted(condition, scope)}.n, 0)::float8"
    own = condition.field.expression(scope)
    if kind is Kind.DAYS:
        return f"floor(extract(epoch FROM {scope.value(scope.as_of)} - {own}) / 86400)::float8"
    return f"({own})::text" if kind is Kind.DATE else own


def _compared(own: str, op: str, value: Any, scope: Scope) -> str:
    if op == "between":
        return f"{own} BETWEEN {scope.value(value[0])} AND {scope.value(value[1])}"
    return COMPARED[op].format(own, scope.value(value))


def _alike(own: str, op: str, value: Any, scope: Scope) -> str:
    """Texts, whatever their case and whichever way their accents are encoded; never as a pattern."""
    own = _folded(own)
    if op == "in":
        return f"{own} IN ({', '.join(_folded(scope.value(one)) for one in value)})"
    if op == "contains":
        return f"position({_folded(scope.value(value))} IN {own}) > 0"
    if op == "begins":
        return f"starts_with({own}, {_folded(scope.value(value))})"
    return f"{own} = {_folded(scope.value(value))}"


def _folded(text: str) -> str:
    return f"lower(normalize({text}))"


def _days_since(moment: str, op: str, value: Any, scope: Statement) -> str:
    """In whole and broken days: 1.5 days ago is more than 1 day ago. "=" holds for the day that many full
    days back."""
    if op == "between":
        return f"{moment} BETWEEN {_back(value[1], scope)} AND {_back(value[0], scope)}"
    if op == "=":
        return f"{moment} > {_back(value + 1, scope)} AND {moment} <= {_back(value, scope)}"
    return f"{moment} {EARLIER[op]} {_back(value, scope)}"


FURTHEST = 700_000  # days: PostgreSQL and Python both know years of four digits


def _back(days: float, scope: Statement) -> str:
    days = max(min(days, FURTHEST), -FURTHEST)
    try:
        return scope.value(scope.as_of - timedelta(days=days))
    except OverflowError:
        return "'infinity'::timestamptz" if days < 0 else "'-infinity'::timestamptz"


def _dated(own: str, op: str, value: Any, scope: Statement) -> str:
    today = day_of(scope.as_of)
    if op == "last":
        return f"{own} BETWEEN {scope.value(today - value * DAY)} AND {scope.value(today)}"
    if op == "ago":
        return f"{own} < {scope.value(today - value * DAY)}"
    if op == "between":
        low, high = map(date.fromisoformat, value)
        return f"{own} BETWEEN {scope.value(low)} AND {scope.value(high)}"
    return f"{own} {op} {scope.value(date.fromisoformat(value))}"


def _counted(condition: Condition, scope: Statement) -> str:
    """Join the count of each customer's events or orders; returns the join's alias. One scan each, never a
    look-up a customer."""
    orders = condition.field.key.startswith("order.")
    moment, alias = ("e.placed_at" if orders else "e.occurred_at"), f"n{len(scope.joins)}"
    when = f"{moment} < {scope.value(scope.as_of)}"
    if condition.days is not None:
        when += f" AND {moment} >= {scope.value(scope.as_of - timedelta(days=condition.days))}"
    if scope.among is not None:
        when += f" AND e.customer_id = ANY({scope.value(scope.among)})"
    fits = [
        f"product.{PRODUCT_COLUMNS[name]} = ANY({scope.value(list(values))})"
        for name, values in condition.where
    ]
    counted = condition.field.expression(scope)
    if "{fits}" in counted:  # a share: what does not fit counts in the whole
        counted = counted.format(fits=" AND ".join(fits) or "true")
    elif fits:
        when += " AND " + " AND ".join(fits)
    line = "line" if orders else "e"
    product = f" JOIN shop_product product ON product.id = {line}.product_id" if fits else ""
    source = ORDERS if orders else EVENTS
    return scope.join(alias, source.format(counted=counted, product=product, when=when, alias=alias))


def _in_segments(ids: list[int], scope: Scope) -> str:
    """In any of the segments: members of a run in force, or members by rule."""
    wanted = scope.value(ids)
    return (  # the placeholder is the only thing put in
        "EXISTS (SELECT FROM segments_membership m "  # noqa: S608 - the placeholder is the only thing put in
        "JOIN segments_segmentrun f ON f.id = m.run_id AND f.in_force"
        f" WHERE m.customer_id = k.customer_id AND m.segment_id = ANY({wanted}))"
        f" OR EXISTS (SELECT FROM segments_rulemember r WHERE r.customer_id = k.customer_id AND r.segment_id "
        f"= ANY({wanted}))"
    )
