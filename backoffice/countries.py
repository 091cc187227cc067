"""Names of countries in the reader's language.

Shops record countries as their customers or payment pages wrote them: "United Kingdom", "GB", "EIRE". The
names come from the Unicode CLDR (Babel); what is no country stays as it was recorded. Pages and forms use the
filter `country` of `templatetags/formats.py`.
"""

from __future__ import annotations

import functools
import unicodedata

from babel.core import Locale

# What files and forms write for a country that the CLDR's English names do not have. Codes are ISO 3166-1
# alpha-2.
ALSO_WRITTEN = {
    "america": "US",
    "burma": "MM",
    "czech republic": "CZ",
    "eire": "IE",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "korea": "KR",
    "macau": "MO",
    "northern ireland": "GB",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "rsa": "ZA",
    "russian federation": "RU",
    "scotland": "GB",
    "the netherlands": "NL",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
    "wales": "GB",
}
KEPT = {"england", "northern ireland", "scotland", "wales"}  # parts of a country: their name says more


def country_name(recorded: str, locale: Locale) -> str:
    """EIRE -> Ireland, United Kingdom -> 英国 in Chinese; what is no country as it was recorded."""
    key = _plain(recorded)
    code = _codes().get(key)
    if code is None or key in KEPT:
        return recorded
    name = str(locale.territories.get(code, recorded))
    return name.removesuffix(" SAR China").removesuffix("特别行政区")


def _plain(name: str) -> str:
    """Without case, accents and outer spaces: "Côte d’Ivoire" and "cote d'ivoire" are one country."""
    letters = unicodedata.normalize("NFKD", name.replace("’", "'").replace("&", "and"))
    return " ".join(
        "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().split()
    )


@functools.cache
def _codes() -> dict[str, str]:
    """The code of each name, in English and Chinese, and of each code itself."""
    codes: dict[str, str] = {}
    for language in ("zh_Hans", "en"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}:
                codes |= {_plain(name): code, code.casefold(): code}
    return codes | ALSO_WRITTEN
