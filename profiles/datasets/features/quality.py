"""What was left out of the features, and what was not known, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Gap:
    """Customers of whom a feature was `missing`, or recorded but `unusable`; both were `filled_with` this."""

    missing: int = 0
    unusable: int = 0
    filled_with: float = 0.0

    @property
    def unknown(self) -> int:
        return self.missing + self.unusable


@dataclass(frozen=True)
class DataQuality:
    """What was read and what was left out, in numbers of customers or orders. `gaps`: by feature key."""

    customers: int = 0
    people: int = 0
    duplicates: int = 0
    unprofiled: int = 0
    guest_orders: int = 0
    orders_in_other_currencies: int = 0
    never_bought: int = 0
    gaps: dict[str, Gap] = field(default_factory=dict)

    def known_share(self, key: str) -> float:
        """The share of the people of whom the feature `key` was known."""
        return 1 - self.gaps.get(key, Gap()).unknown / max(self.people, 1)
