"""Imported attributes as numbers, in SQL: NaN where nothing was recorded, infinity where it cannot be read.

The checks come before the casts, so that no attribute, whatever somebody typed, stops the statement. The
parameter `today` is the shop's day that the statement looks from.
"""

from __future__ import annotations

NUMBER = """CASE WHEN {0} IS NULL THEN 'NaN'::float8 WHEN {0} ~ '^-?\\d{{1,15}}(\\.\\d{{1,15}})?$'
    THEN ({0})::float8
    ELSE 'Infinity'::float8 END"""
# a day that its month does not have (31 February) counts on into the next month; a date in the future is
# unusable
DAY = "((left({0}, 7) || '-01')::date + substr({0}, 9, 2)::int - 1)"
DATE = f"""CASE WHEN {{0}} IS NULL THEN 'NaN'::float8
    WHEN {{0}} !~ '^(1[89]|2\\d)\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])' THEN 'Infinity'::float8
    WHEN {DAY} > %(today)s THEN 'Infinity'::float8 ELSE (%(today)s - {DAY})::float8 END"""


_BORN = ("birth_date", "date_of_birth", "birthday", "birthdate", "geburtsdatum", "出生日期", "生日")
READ_ATTRIBUTES = ("age", "gender", "income", *_BORN)
# What the catalogue reads of everybody, in one go: looking into the attributes for each feature anew takes
# thrice as long.
RECORD = (
    "jsonb_to_record(CASE jsonb_typeof(customer.attributes) WHEN 'object' THEN customer.attributes ELSE '{}' "
    "END) AS record(" + ", ".join(f'"{name}" text' for name in READ_ATTRIBUTES) + ")"
)


def _one_of(text: str, answers: dict[float, str]) -> str:
    cases = " ".join(
        f"WHEN lower({text}) IN ({', '.join(repr(word) for word in words.split('|'))}) THEN {value}"
        for value, words in answers.items()
    )
    return f"CASE WHEN {text} IS NULL THEN 'NaN'::float8 {cases} ELSE 'Infinity'::float8 END"


_AGE, _BIRTH = (
    "nullif(record.age, '')",
    "nullif(coalesce({}), '')".format(", ".join(f'record."{name}"' for name in _BORN)),
)
AGE = f"CASE WHEN {_AGE} IS NULL THEN ({DATE.format(_BIRTH)}) / 365.25 ELSE {NUMBER.format(_AGE)} END"
FEMALE = _one_of(
    "nullif(record.gender, '')",
    {
        1: "female|f|w|woman|women|weiblich|femme|mujer|donna|女|女性|女士",
        0: "male|m|man|men|männlich|homme|hombre|uomo|男|男性|男士",
    },
)
INCOME = _one_of(
    "nullif(record.income, '')",
    {
        1: "low|niedrig|gering|faible|低|低收入|1",
        2: "middle|medium|mid|average|mittel|moyen|中|中等|中等收入|2",
        3: "high|hoch|élevé|高|高收入|3",
    },
)
HOME = (
    "CASE WHEN customer.country = '' THEN 'NaN'::float8 ELSE (customer.country = %(home)s)::int::float8 END"
)

_OWN = "nullif(btrim(customer.attributes ->> %({0}_attribute)s), '')"
SOURCES = {  # by kind; the parameters are named after the feature
    "number": NUMBER.replace("{0}", _OWN),
    "date": DATE.replace("{0}", _OWN),
    "category": (
        f"CASE WHEN {_OWN} IS NULL THEN 'NaN'::float8 ELSE ({_OWN} = %({{0}}_value)s)::int::float8 END"
    ),
}
