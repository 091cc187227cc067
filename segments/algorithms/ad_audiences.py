"""Addresses as ad platforms match them: normalised, then hashed, so that nobody's address leaves the shop."""

from __future__ import annotations

from hashlib import sha256

DOTLESS = {"gmail.com", "googlemail.com"}  # one mailbox whatever the dots, and without what follows a plus


def for_google(email: str) -> str:
    """SHA-256 (hexadecimal) of the address as Google's customer match normalises it; "" for what is not an
    address."""
    name, at, domain = email.strip().lower().rpartition("@")
    if at and domain in DOTLESS:
        name = name.partition("+")[0].replace(".", "")
    return _hashed(f"{name}@{domain}") if at and name else ""


def for_meta(email: str) -> str:
    """SHA-256 (hexadecimal) of the address as Meta's custom audiences normalise it: in lower case, without
    blanks around."""
    email = email.strip().lower()
    return _hashed(email) if "@" in email else ""


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()
