"""How the number of groups of a run was chosen: the candidates and the one in force."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CandidateNumber:
    """How good a number of groups is: `bic` (per customer) of a mixture, the others of k-means; see
    `algorithms.clustering.Candidate`."""

    k: int
    stability: float = 0.0
    smallest_share: float = 0.0
    silhouette: float = 0.0
    inertia: float = 0.0
    eligible: bool = False
    bic: float | None = None


@dataclass(frozen=True)
class NumberOfGroups:
    """The number in force and the candidates behind it. `suggested`: what the data speak for where a person
    chose another; `criterion`: "stability" or "bic"."""

    k: int
    candidates: tuple[CandidateNumber, ...]
    suggested: int | None = None
    criterion: str = "stability"

    @property
    def best(self) -> CandidateNumber:
        """The candidate that the data speak for, whatever a person chose."""
        wanted = self.suggested or self.k
        return next(candidate for candidate in self.candidates if candidate.k == wanted)

    @property
    def runner_up(self) -> CandidateNumber | None:
        """What the data would speak for were it not for `best`: of what the criterion is about, the next."""
        others = [candidate for candidate in self.candidates if candidate.k != self.best.k]
        if self.criterion != "stability" or not others:
            return None
        eligible = [candidate for candidate in others if candidate.eligible]
        if self.best.eligible and eligible:
            return max(eligible, key=lambda candidate: candidate.silhouette)
        return max(others, key=lambda candidate: candidate.stability)
