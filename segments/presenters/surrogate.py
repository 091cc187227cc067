"""The rules of a surrogate tree in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from profiles.datasets.features import BY_KEY
from profiles.presenters.features import in_unit
from segments.algorithms.surrogate import FAITHFUL
from segments.models import FeatureBound, SegmentRun


@dataclass(frozen=True)
class RuleInWords:
    """A group in rules: `conditions` all hold; `covers`, `precise` and `fidelity` are shares (see
    `algorithms.surrogate`)."""

    conditions: list[str]
    covers: float
    precise: float
    fidelity: float


def rule_in_words(run: SegmentRun, position: int) -> RuleInWords | None:
    """The rule of the group at `position`; None where the tree is not faithful enough to explain the groups,
    or has no rule."""
    tree = run.estimator.surrogate
    if tree is None or tree.fidelity < FAITHFUL or position >= len(tree.rules):
        return None
    rule = tree.rules[position]
    if rule is None or not rule.bounds:
        return None
    return RuleInWords(
        [_in_words(run, bound) for bound in rule.bounds], rule.covers, rule.precise, tree.fidelity
    )


def _in_words(run: SegmentRun, bound: FeatureBound) -> str:
    feature = BY_KEY[run.estimator.keys[bound.column]]
    low, high = (
        "" if end is None else in_unit(feature, end, run.currency) for end in (bound.low, bound.high)
    )
    words = {"feature": feature.title, "low": low, "high": high}
    if bound.low is None:
        return _("%(feature)s: at most %(high)s") % words
    if bound.high is None:
        return _("%(feature)s: more than %(low)s") % words
    return _("%(feature)s: more than %(low)s, at most %(high)s") % words
