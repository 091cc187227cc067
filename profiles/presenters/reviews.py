"""What each feature is worth, in sentences and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import percent
from profiles.algorithms.selection import REDUNDANT
from profiles.datasets.features import BY_KEY, Feature
from profiles.models import FeatureReview
from profiles.reviews import Verdict

ACCENT, GREY = "#4F46E5", "#9AA3B5"


def known_share(verdict: Verdict | None, feature: Feature, review: FeatureReview | None) -> float | None:
    """The share of customers of whom a feature is known: of days since an order, of those who ordered."""
    if verdict is None or review is None:
        return None
    never = review.never_bought / max(review.customers, 1)
    return min(verdict.coverage, 1 - never) if feature.needs_order else verdict.coverage


def flaw(verdict: Verdict) -> str:
    """Why a feature tells little of its own; "" where it tells something."""
    match verdict.verdict:
        case "unknown":
            return _("known of %s of customers only") % percent(verdict.coverage)
        case "constant":
            return _("the same for %s of customers") % percent(verdict.same)
        case "redundant":
            return _("moves with “%s”") % BY_KEY[verdict.rival].title
        case _:
            return ""


def correlation(verdict: Verdict) -> float | None:
    """The rank correlation with the feature that holds the same; None where there is none."""
    return verdict.correlation if verdict.verdict == "redundant" else None


def finding(verdicts: Sequence[Verdict]) -> str:
    """The sentence of the page; "" without a review."""
    if not verdicts:
        return ""
    kept = [verdict for verdict in verdicts if verdict.verdict == "kept"]
    best = max(kept, key=lambda verdict: verdict.contribution or 0, default=None)
    if best is None:
        return _("None of the features tells customers apart.")
    return _(
        "%(kept)d of %(all)d features each tell something of their own; “%(best)s” separates today's groups "
        "best."
    ) % {"kept": len(kept), "all": len(verdicts), "best": BY_KEY[best.key].title}


def contributions_chart(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Bars of how much of the differences between customers lies between the groups, for each feature."""
    shares = [(verdict.contribution, verdict) for verdict in verdicts if verdict.contribution is not None]
    shares.sort(key=lambda pair: -pair[0])
    return {
        "categories": [str(BY_KEY[verdict.key].title) for _share, verdict in shares],
        "format": "percent",
        "horizontal": True,
        "x": _("share of the differences that lies between the groups"),
        "criterion": REDUNDANT,
        "colours": [ACCENT if verdict.verdict == "kept" else GREY for _share, verdict in shares],
        "series": [
            {"name": _("between the groups"), "values": [round(share, 4) for share, _verdict in shares]}
        ],
    }
