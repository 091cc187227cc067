"""What of a message will not be sent as it was written, and what some people lack."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from campaigns.models import Message
from campaigns.presenters.rendering import ALLOWED_HTML, URL_SCHEMES

PERSONAL = ["first_name", "last_name"]
LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
PIECE = re.compile(r"\{%-?\s*(if|unless|endif|endunless)\b(.*?)%\}|\{\{(.*?)\}\}", re.DOTALL)


class _Reader(HTMLParser):
    """Collects what the sanitiser takes away."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_HTML:
            self.tags.append(f"<{tag}>")
            return
        for name, value in attrs:
            if (tag, name) != ("a", "href"):
                self.attributes.append(name)
            elif not _is_sent(value or ""):
                self.links.append((value or "").strip()[:60])


def _is_sent(link: str) -> bool:
    try:
        scheme = urlsplit(link.strip()).scheme
    except ValueError:
        return False
    return scheme.lower() in URL_SCHEMES or (not scheme and link.strip().startswith("#"))


def not_sent(body: str) -> list[str]:
    """Sentences for the author: what is taken away from `body`, each with what to do instead."""
    reader = _Reader()
    reader.feed(LIQUID.sub("x", body))
    reader.close()
    sentences = []
    if reader.tags:
        sentences.append(
            _(
                "Not sent: %s. A letter holds text, headings, lists and links; {{ products }} brings "
                "pictures, and a table can be written as a list."
            )
            % ", ".join(dict.fromkeys(reader.tags))
        )
    if reader.links:
        sentences.append(
            _(
                "These links do not work in a letter: %s. Write the whole address with https:// or mailto:, "
                "and a telephone number as text."
            )
            % ", ".join(f"“{link}”" for link in dict.fromkeys(reader.links))
        )
    if reader.attributes:
        sentences.append(
            _("Not sent: the formatting in %s. Every letter has the same look.")
            % ", ".join(dict.fromkeys(reader.attributes))
        )
    return sentences


def without_default(message: Message) -> list[str]:
    """The personal placeholders that leave a gap in the text for whoever lacks them: neither with a default
    nor in a condition that asks for them."""
    found = {name for source in (message.subject, message.body) for name in _bare(source)}
    return [name for name in PERSONAL if name in found]


def _bare(source: str) -> set[str]:
    bare: set[str] = set()
    conditions: list[str] = []
    for piece in PIECE.finditer(source):
        tag, condition, output = piece.groups()
        if tag in ("if", "unless"):
            conditions.append(condition)
        elif tag:
            del conditions[-1:]
        else:
            name, _bar, filters = output.strip(" -\n\t").partition("|")
            name = name.strip()
            asked = any(name in condition for condition in conditions)
            if name in PERSONAL and "default" not in filters and not asked:
                bare.add(name)
    return bare
