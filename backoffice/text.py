"""Which text can be kept."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether the database keeps it: no NUL, no lone surrogate (half a character beyond the basic plane)."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
