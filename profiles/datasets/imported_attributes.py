"""What customers' imported attributes hold, as far as a sample shows."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.datasets.features.attributes import BAND, PLAIN_NUMBER, READ_ATTRIBUTES
from profiles.datasets.features.statement import rows
from profiles.models import CustomFeature

SAMPLE = 3_000
VALUES_SHOWN = 5
MOST_CATEGORIES = 30
FITS = 0.9  # the share of entries that must be readable as a number or a date
WORDS_FOR_NOTHING = (
    "nan",
    "inf",
    "-inf",
    "+inf",
    "infinity",
    "-infinity",
    "null",
    "none",
    "n/a",
)  # as programs write it

FOUND = f"""
WITH sample AS (SELECT attributes FROM shop_customer WHERE jsonb_typeof(attributes) = 'object'
    ORDER BY id DESC LIMIT %(sample)s),
entries AS (SELECT key, btrim(value) AS value FROM sample, jsonb_each_text(attributes)
         WHERE btrim(value) <> '' AND lower(btrim(value)) <> ALL(%(nothing)s)),
counted AS (SELECT key, value, count(*) AS n,
                   row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, value) AS place
            FROM entries GROUP BY key, value)
SELECT key, sum(n)::float8 / (SELECT count(*) FROM sample), count(*),
       (sum(n) FILTER (WHERE {PLAIN_NUMBER.format("value")}) / sum(n))::float8,
       (sum(n) FILTER (WHERE {BAND.format("value")} < 'Infinity') / sum(n))::float8,
       (sum(n) FILTER (WHERE value ~ '^(1[89]|2\\d)\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])')
            / sum(n))::float8,
       array_agg(value ORDER BY place) FILTER (WHERE place <= %(shown)s)
FROM counted WHERE key <> ALL(%(known)s) GROUP BY key ORDER BY 2 DESC, key LIMIT 200
"""  # noqa: S608 - texts of this app


@dataclass(frozen=True)
class Attribute:
    """`coverage`: share of customers of whom it is recorded; `kind`: None where it is neither number, date
    nor a few categories."""

    name: str
    coverage: float
    different: int
    kind: CustomFeature.Kind | None
    examples: list[str]


def imported_attributes() -> list[Attribute]:
    """The attributes of the SAMPLE newest customers, the best known first; without those that the catalogue
    reads."""
    found = rows(
        FOUND,
        {
            "sample": SAMPLE,
            "shown": VALUES_SHOWN,
            "known": list(READ_ATTRIBUTES),
            "nothing": list(WORDS_FOR_NOTHING),
        },
    )
    return [
        Attribute(name, coverage, different, _kind(different, numbers or 0, bands or 0, dates or 0), examples)
        for name, coverage, different, numbers, bands, dates, examples in found
    ]


def _kind(different: int, numbers: float, bands: float, dates: float) -> CustomFeature.Kind | None:
    """`bands`: the share of entries that are a number or a band, as "35-44" is; there are few bands of
    anything."""
    if numbers >= FITS:
        return CustomFeature.Kind.NUMBER
    if dates >= FITS:
        return CustomFeature.Kind.DATE
    if bands >= FITS and different <= MOST_CATEGORIES:
        return CustomFeature.Kind.NUMBER
    return CustomFeature.Kind.CATEGORY if different <= MOST_CATEGORIES else None
