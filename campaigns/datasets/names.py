"""Which names are none: what other programs write where they know no name. One pattern for letters and for
the count of people who lack a name."""

from __future__ import annotations

import re

# Spaces, signs, digits, and characters that nobody sees. The syntax is that of Python and of PostgreSQL.
_EMPTY = "\x01-@\\[-`{-~\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3000\ufeff"
_WORDS = (
    "null|none|undefined|unknown|n/a|n\\.a\\.?|#n/a|not (available|given|known|provided|set|specified)"
    "|no name|no-name|noname|without name|无|未知|未填|未填写|匿名"
)
BLANK_NAME = f"^[{_EMPTY}]*(({_WORDS})[{_EMPTY}]*)?$"
_BLANK = re.compile(BLANK_NAME, re.IGNORECASE)


def is_blank(name: str) -> bool:
    """Whether `name` is to be treated as if it were not there: empty, only signs or digits, or a word such as
    "null". "NaN" and "Na" are names of people and stay, so do the digits within a name."""
    return bool(_BLANK.match(name))
