"""What a rule may use of the attributes that the shop records: fields that are found in the data."""

from __future__ import annotations

from typing import Any

from django.db import connection

from profiles.datasets.imported_attributes import WORDS_FOR_NOTHING
from segments.rules.fields import CASE_ALIKE, Field, Kind, Scope, known_fields
from shop.presenters.attributes import attribute_title

PREFIX = "attribute."
LONGEST_NAME = 100
FITTING = 0.95  # the share of values from which on an attribute is of a kind; the others are not known
SAMPLED = 5_000  # customers, the newest: a catalogue that reads ten million rows would keep the page waiting
NUMBER = r"^\s*[-+]?[0-9]{1,15}(\.[0-9]{1,15})?\s*$"
ZEROS = r"^\s*0[0-9]+\s*$"  # a postcode 01067 is a name, and so are all values beside it
DAY = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
FOUND = """
SELECT key, CASE WHEN bool_or(value ~ %(zeros)s) THEN 'text'
                 WHEN avg((value ~ %(number)s)::int) >= %(most)s THEN 'number'
                 WHEN avg((value ~ %(day)s)::int) >= %(most)s THEN 'date'
                 WHEN avg((lower(value) IN ('true', 'false'))::int) >= %(most)s THEN 'bool' ELSE 'text' END,
                     count(*)
FROM (SELECT attributes FROM shop_customer ORDER BY id DESC LIMIT %(sampled)s) AS newest,
    jsonb_each_text(attributes)
WHERE btrim(value) <> '' AND lower(btrim(value)) <> ALL(%(nothing)s) AND length(key) <= %(longest)s
GROUP BY key ORDER BY count(*) DESC, key LIMIT 200
"""


def attribute_name(key: str) -> str | None:
    name = key.removeprefix(PREFIX)
    return name if name != key and 0 < len(name) <= LONGEST_NAME and "\0" not in name else None


def attribute_kind(kind: Any) -> Kind | None:
    return Kind(kind) if kind in {Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.YES_NO} else None


def _read(text: str, kind: Kind) -> str:
    """An attribute's text as a value of the kind; text that does not look like one is not known. A 30
    February is 2 March: a cast would stop the whole rule."""
    if kind is Kind.NUMBER:
        return f"CASE WHEN {text} ~ '{NUMBER}' THEN ({text})::float8 END"
    if kind is Kind.DATE:
        year, month, day = (
            f"substr({text}, {start}, {length})::int" for start, length in ((1, 4), (6, 2), (9, 2))
        )
        return f"CASE WHEN {text} ~ '{DAY}' THEN make_date({year}, {month}, 1) + {day} - 1 END"
    if kind is Kind.YES_NO:
        return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    return f"nullif({text}, '')"


def attribute_field(name: str, kind: Kind) -> Field:
    def read(scope: Scope) -> str:
        scope.join("c", "JOIN shop_customer c ON c.id = k.customer_id")
        return _read(f"(c.attributes ->> {scope.value(name)})", kind)

    definition = CASE_ALIKE if kind is Kind.TEXT else ""
    return Field(
        PREFIX + name, attribute_title(name), kind, "attributes", read, definition=definition, optional=True
    )


def attribute_fields() -> dict[str, Field]:
    """The attributes of the newest SAMPLED customers, commonest first; an attribute's kind is the narrowest
    that nearly all values fit: one slip of the hand must not make a text of everybody's age."""
    with connection.cursor() as cursor:
        cursor.execute(
            FOUND,
            {
                "number": NUMBER,
                "zeros": ZEROS,
                "day": DAY,
                "sampled": SAMPLED,
                "longest": LONGEST_NAME,
                "most": FITTING,
                "nothing": list(WORDS_FOR_NOTHING),
            },
        )
        return {
            PREFIX + name: attribute_field(name, Kind(kind)) for name, kind, _customers in cursor.fetchall()
        }


def catalogue() -> dict[str, Field]:
    """Every field by its key, group by group: what a rule builder offers."""
    return known_fields() | attribute_fields()
