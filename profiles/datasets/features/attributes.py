"""Imported attributes as numbers, in SQL: NaN where nothing was recorded, infinity where it cannot be read. A
band ("35-44", "$50-74K", "65+") is the number in its middle: bands keep their order.

The checks come before the casts, so that no attribute, whatever somebody typed, stops the statement. The
parameter `today` is the shop's day that the statement looks from.
"""

from __future__ import annotations

_DIGITS = "([0-9]{{1,15}}(?:\\.[0-9]{{1,15}})?)"
_BELOW = "under|lessthan|below|upto|<=?|unter|bis|moinsde|不到|低于"
_ABOVE = "over|morethan|above|>=?|über|plusde|超过|高于"
_OR_LESS = "orless|orunder|orbelow|andunder|andbelow|以下"
_OR_MORE = "\\+|plus|ormore|orover|orolder|orabove|andover|andolder|andabove|以上"
# one of: 35-44, $50-74K, 50K to 74K, under 35K, 65+, 70 and over, 30岁以下, $74,000, 20万
_BAND = (
    f"^({_BELOW}|{_ABOVE})?{_DIGITS}(k|m|千|万)?(?:(?:-|–|—|~|to|bis|至|到){_DIGITS}(k|m|千|万)?)?"
    f"({_OR_LESS}|{_OR_MORE})?$"
)
_AROUND_BANDS = (
    "usd|eur|gbp|cny|rmb|yearsold|years|year|yrs|jahre|ans|岁|元|[[:space:]$€£¥]|,(?=[0-9]{{3}}([^0-9]|$))"
)
# where a band without a second end counts: beyond its end, and not so far as to outweigh all others
UNDER, OVER = 0.75, 1.1


def _times(unit: str) -> str:
    return (
        f"(CASE {unit} WHEN 'k' THEN 1e3 WHEN '千' THEN 1e3 WHEN '万' THEN 1e4 WHEN 'm' THEN 1e6 ELSE 1 END)"
    )


# The middle of a band, or the one amount there is
BAND = f"""coalesce((SELECT CASE WHEN high < low THEN NULL WHEN high IS NOT NULL THEN (low + high) / 2
    WHEN head ~ '^({_BELOW})$' OR tail ~ '^({_OR_LESS})$' THEN low * {UNDER}
    WHEN head IS NOT NULL OR tail IS NOT NULL THEN low * {OVER} ELSE low END
    FROM (SELECT part[1] AS head, part[6] AS tail,
                 part[2]::float8 * {_times("coalesce(part[3], part[5])")} AS low,
                 part[4]::float8 * {_times("coalesce(part[5], part[3])")} AS high
          FROM regexp_match(regexp_replace(lower({{0}}), '{_AROUND_BANDS}', '', 'g'), '{_BAND}') AS part
    ) band), 'Infinity'::float8)"""  # noqa: S608 - our own words
PLAIN_NUMBER = "{0} ~ '^-?\\d{{1,15}}(\\.\\d{{1,15}})?$'"
NUMBER = (
    f"CASE WHEN {{0}} IS NULL THEN 'NaN'::float8 WHEN {PLAIN_NUMBER} THEN ({{0}})::float8 ELSE {BAND} END"
)
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


def _one_of(text: str, answers: dict[float, str], otherwise: str = "'Infinity'::float8") -> str:
    cases = " ".join(
        f"WHEN lower({text}) IN ({', '.join(repr(word) for word in words.split('|'))}) THEN {value}"
        for value, words in answers.items()
    )
    return f"CASE WHEN {text} IS NULL THEN 'NaN'::float8 {cases} ELSE {otherwise} END"


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
    NUMBER.format("nullif(record.income, '')"),
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
