"""Names that staff give to things."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.errors import Refused


def clean_title(title: str) -> str:
    """`title` with single spaces. Raises Refused when it is empty, longer than 60 characters or not
    printable."""
    title = " ".join(title.split())
    if not title or len(title) > 60 or not title.isprintable():
        raise Refused(_("Give it a name of at most 60 ordinary characters."), field="title")
    return title
