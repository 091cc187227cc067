"""The rules of a surrogate tree in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from profiles.datasets.features import BY_KEY
from profiles.presenters.features import in_unit
from segments.algorithms.surrogate import FAITHFUL
from segments.models import SegmentRun


@dataclass(frozen=True)
class Told:
    """A group in rules: `conditions` all hold; `covers`, `precise` and `fidelity` are shares (see
    `algorithms.surrogate`)."""

    conditions: list[str]
    covers: float
    precise: float
    fidelity: float


def rule_in_words(run: SegmentRun, position: int) -> Told | None:
    """The rule of the group at `position`; None where the tree is not faithful enough to explain the groups,
    or has no rule."""
    told = run.estimator.get("surrogate")
    if (
        not told
        or told["fidelity"] < FAITHFUL
        or position >= len(told["rules"])
        or not told["rules"][position]
    ):
        return None
    rule = told["rules"][position]
    return Told(
        [_bounds(run, *bound) for bound in rule["bounds"]], rule["covers"], rule["precise"], told["fidelity"]
    )


def _bounds(run: SegmentRun, column: int, low: float | None, high: float | None) -> str:
    feature = BY_KEY[run.estimator["keys"][column]]
    words = {
        "feature": feature.title,
        "low": "" if low is None else in_unit(feature, low, run.currency),
        "high": "" if high is None else in_unit(feature, high, run.currency),
    }
    if low is None:
        return _("%(feature)s: at most %(high)s") % words
    if high is None:
        return _("%(feature)s: more than %(low)s") % words
    return _("%(feature)s: more than %(low)s, at most %(high)s") % words
