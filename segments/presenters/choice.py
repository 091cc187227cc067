"""How the number of groups was chosen, in words that hold for this shop."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from segments.algorithms.clustering import SMALLEST_SHARE, STABLE
from segments.models import SegmentRun


def suggested(run: SegmentRun) -> dict[str, Any]:
    """The candidate (see `algorithms.clustering.Candidate`) that the data speak for, whatever a person
    chose."""
    k = run.selection.get("suggested", run.selection["k"])
    found: dict[str, Any] = next(one for one in run.selection["candidates"] if one["k"] == k)
    return found


def how_chosen(run: SegmentRun) -> str:
    """The rule, or that no number of groups meets it and what was taken instead."""
    words = {"stable": number(STABLE, 2), "smallest": percent(SMALLEST_SHARE)}
    best = suggested(run)
    if best["eligible"]:
        return (
            _(
                "Chosen is the number that comes back on resampled customers (stability at least "
                "%(stable)s), leaves no group "
                "below %(smallest)s, and separates best (silhouette)."
            )
            % words
        )
    close = STABLE - 0.005 <= best["stability"] < STABLE  # two decimals would say that it is stable
    return _(
        "No number of groups comes back on resampled customers with a stability of at least %(stable)s and "
        "no group below "
        "%(smallest)s. The most stable was taken: %(k)s groups, stability %(found)s, the smallest %(least)s. "
        "Read the groups "
        "with care."
    ) % (
        words
        | {
            "k": number(best["k"]),
            "found": number(best["stability"], 3 if close else 2),
            "least": percent(best["smallest_share"], 1),
        }
    )
