"""Bodies of JSON of which one part that nobody can read loses none of the others."""

from __future__ import annotations

import json
import math
import re
from typing import Any

LONGEST_INTEGER = 1000  # digits
DEEP = 64  # levels: deeper than any message that is taken in, and no trouble to read
STEP = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def parse(body: bytes) -> Any:
    """Read JSON. An integer that is too long becomes infinite, a byte that is no UTF-8 a lone surrogate, and
    what lies deeper than DEEP becomes null at that depth: each is judged with its message. Raises ValueError
    for what is no JSON."""
    text = _without_depths(body.removeprefix(b"\xef\xbb\xbf")).decode("utf-8", "surrogateescape")
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else math.inf


def _without_depths(text: bytes) -> bytes:
    if max(text.count(b"["), text.count(b"{")) <= DEEP:
        return text
    kept: list[bytes] = []
    depth, begun = 0, 0  # `begun`: where what is kept next begins
    for step in STEP.finditer(text):
        sign = step[0]
        if sign in (b"[", b"{"):
            depth += 1
            if depth == DEEP + 1:
                kept += [text[begun : step.start()], b"null"]
        elif sign in (b"]", b"}"):
            if depth == DEEP + 1:
                begun = step.end()
            depth -= 1
    return b"".join([*kept, text[begun:]]) if depth <= DEEP else text
