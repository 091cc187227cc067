"""What became of each feature when customers were last grouped: stored as JSON by `FeatureReview`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`verdict`: kept, unknown (coverage), constant, or redundant with `rival`. Shares from 0 to 1;
    `contribution` is the share of the feature's variance that lies between the groups (eta squared), None
    without groups."""

    key: str
    verdict: str
    coverage: float
    same: float
    rival: str = ""
    correlation: float = 0.0
    contribution: float | None = None


@dataclass(frozen=True)
class Verdicts:
    """A verdict on each feature, in the order in which they were compared."""

    features: tuple[Verdict, ...] = ()

    def by_key(self) -> dict[str, Verdict]:
        return {verdict.key: verdict for verdict in self.features}
