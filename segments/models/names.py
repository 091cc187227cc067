"""Names of segments that a method found: the one place that writes and reads their slugs and name keys.

Both are stored as text, so that a name is translated when it is read:

    slug      "champions", "2--champions" (the second segment of that kind), "spring--lost" (of a grouping)
    name key  "Champions", "young|frequent|women", "+Orders|-Visits|=men", "Spring::Lost" (of a grouping)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.text import capfirst, slugify
from django.utils.translation import gettext, pgettext, pgettext_lazy

LONGEST_KEY = 80
LONGEST_KIND = 40  # of traits
NO_PURCHASE = "no-purchase"  # the kind of those who never bought

_PART, _WITHIN, _BETWEEN = "--", "::", "|"
_LEVELS = {"+": "high", "-": "low", "=": "has"}
_MARKS = {level: mark for mark, level in _LEVELS.items()}
_LEVEL_TEXTS: dict[str, Any] = {
    "high": pgettext_lazy("a group of people", "%s high"),
    "low": pgettext_lazy("a group of people", "%s low"),
    "has": "%s",
}


@dataclass(frozen=True)
class SegmentSlug:
    """`kind`: the marketer's word (a key of `presenters.wording.WORDS`) or a description; `number`: which
    segment of this kind, from 1; `topic`: the grouping that it belongs to, "" for the nightly groups."""

    kind: str
    number: int = 1
    topic: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        before, _separator, kind = text.rpartition(_PART)
        if before.isdecimal():
            return cls(kind, number=int(before))
        return cls(kind, topic=before)

    def __str__(self) -> str:
        before = self.topic or (str(self.number) if self.number > 1 else "")
        return f"{before}{_PART}{self.kind}" if before else self.kind

    @property
    def is_no_purchase(self) -> bool:
        return self.kind == NO_PURCHASE


@dataclass(frozen=True)
class Trait:
    """What sets a group apart: an untranslated title of a feature, and whether the group is "high" or "low"
    in it; "has": the title says it all ("men")."""

    title: str
    level: str

    @property
    def text(self) -> str:
        return str(_LEVEL_TEXTS[self.level] % gettext(self.title))

    @property
    def key(self) -> str:
        return _MARKS[self.level] + self.title.replace(_BETWEEN, "/")


@dataclass(frozen=True)
class SegmentName:
    """A name made of `words` that are translated one by one, the noun last, or of `traits` where no word
    fits. `grouping`: the title of the grouping that it belongs to, as somebody typed it."""

    words: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()
    grouping: str = ""

    @classmethod
    def parse(cls, key: str) -> Self:
        grouping, _separator, own = key.rpartition(_WITHIN)
        parts = own.split(_BETWEEN)
        if own[:1] in _LEVELS:
            return cls(traits=tuple(Trait(part[1:], _LEVELS[part[:1]]) for part in parts), grouping=grouping)
        return cls(words=tuple(parts), grouping=grouping)

    @property
    def key(self) -> str:
        """What is stored: at most LONGEST_KEY characters, the title of the grouping cut to what fits."""
        own = self._own_key
        if not self.grouping:
            return own
        most = LONGEST_KEY - len(own) - len(_WITHIN)
        title = self.grouping.replace(_WITHIN, ":")
        return f"{title if len(title) <= most else title[: most - 1] + '…'}{_WITHIN}{own}"

    @property
    def _own_key(self) -> str:
        return _BETWEEN.join([trait.key for trait in self.traits] or self.words)

    @property
    def plain(self) -> str:
        """Untranslated, without the grouping."""
        traits = [
            trait.title if trait.level == "has" else f"{trait.level} {trait.title}" for trait in self.traits
        ]
        return " ".join(traits or self.words)

    @property
    def kind(self) -> str:
        """The kind that a segment's slug has by this name; see `SegmentSlug`."""
        if self.words:
            return "-".join(self.words)
        return slugify(self.plain)[:LONGEST_KIND].strip("-") or "group"

    def within(self, grouping: str) -> Self:
        """The same name in a grouping with this title."""
        return replace(self, grouping=grouping)

    @property
    def short_text(self) -> str:
        """In the reader's language, where it is clear which grouping it belongs to."""
        if self.traits:
            return capfirst(pgettext("between two values", ", ").join(trait.text for trait in self.traits))
        *adjectives, noun = [gettext(word) for word in self.words]
        if not adjectives:
            return noun
        described = pgettext("between two words that describe a group", " ").join(adjectives)
        return capfirst(
            pgettext("a described group", "%(adjectives)s %(noun)s") % {"adjectives": described, "noun": noun}
        )

    @property
    def text(self) -> str:
        """In the reader's language, with the grouping."""
        if not self.grouping:
            return self.short_text
        return pgettext("a group of a grouping", "%(grouping)s: %(name)s") % {
            "grouping": self.grouping,
            "name": self.short_text,
        }
