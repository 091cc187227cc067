"""Western or Central European? One byte is another letter in either: F8 is ø in Windows-1252 and ř in
Windows-1250."""

from __future__ import annotations

import re

# The letters beyond ASCII of languages that are written together. Each set is one candidate; ¿ ¡ ª º stand in
# Spanish words.
WESTERN = ["äöüßàâæçèéêëîïôœùûüÿìò", "áéíóúñüçàèïòãõâêô¿¡ªº", "åäöæøéüð", "áéíóúýðþæö"]
CENTRAL = ["ąćęłńóśźż", "áäčďéěíľĺňóôŕřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"]
INSIDE_A_WORD = re.compile(r"(?<=[A-Za-z\x80-\xff])[\x80-\xff]|[\x80-\xff](?=[A-Za-z\x80-\xff])", re.ASCII)

RAISED = re.compile(r"(?<=m)\xb3|[\xb2\xb9](?![A-Za-z\x80-\xff])")  # m³; a note¹ at the end of a word


def european(telling: bytes) -> str:
    """ "cp1250" when the letters beyond ASCII fit a Central European language better than any Western one,
    else "cp1252".

    `telling`: lines with bytes beyond ASCII. Bytes that stand alone (£5, 20 m³, 7½) are signs and say
    nothing.
    """
    text = RAISED.sub(" ", telling.decode("latin-1"))
    letters = "".join(INSIDE_A_WORD.findall(text)).encode("latin-1")
    central = max(_fits(letters, "cp1250", alphabet) for alphabet in CENTRAL)
    western = max(_fits(letters, "cp1252", alphabet) for alphabet in WESTERN)
    return "cp1250" if central > western else "cp1252"


def _fits(letters: bytes, encoding: str, alphabet: str) -> int:
    """How many of the letters stand in the alphabet."""
    return sum(letter in alphabet for letter in letters.decode(encoding, "replace").lower())
