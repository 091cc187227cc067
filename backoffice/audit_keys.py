"""Names that the program gave, as the audit trail stores them: free of language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

SEPARATOR = "|"


@dataclass(frozen=True)
class AuditKey:
    """The `parts` of a name, from which it is made in the reader's language (`Frame.audit_names`). As text
    they stand side by side, `email|marketing|yes`; only the last part may hold the separator."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, *, parts: int) -> Self:
        """The key that was written as `text`. Raises ValueError when it has fewer parts."""
        found = tuple(text.split(SEPARATOR, parts - 1))
        if len(found) != parts:
            raise ValueError(f"{text!r} has not {parts} parts")
        return cls(found)

    def __str__(self) -> str:
        return SEPARATOR.join(self.parts)
