"""What customers of a segment are like against everybody, as snapshots and portraits store it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureProfile:
    """Means in the feature's own unit; `difference`: the standardised mean difference (0: like everybody)."""

    feature: str
    mean: float
    overall: float
    difference: float


@dataclass(frozen=True)
class CategoryShare:
    """Shares of the money spent, of the segment and of everybody."""

    category: str
    share: float
    overall: float


@dataclass(frozen=True)
class Profile:
    """By feature and by category."""

    features: tuple[FeatureProfile, ...] = ()
    categories: tuple[CategoryShare, ...] = ()

    def by_feature(self) -> dict[str, FeatureProfile]:
        return {row.feature: row for row in self.features}
