"""What a grouping found: the sentence, and the pictures of its method."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import percent
from profiles.datasets.features import BY_KEY, Gap
from segments.colours import ACCENT
from segments.models import Certainty, Factors, GroupingPlan, SegmentRun, SegmentSnapshot
from segments.presenters.charts import map_chart, shares_chart, short_name
from segments.presenters.number_of_groups import criteria_chart


def grouping_finding(run: SegmentRun, snapshots: list[SegmentSnapshot]) -> str:
    """The group with most revenue, and how many buyers lie between groups."""
    best = snapshots[0]
    finding = _(
        "%(name)s are %(share)s of the customers in the groups and %(revenue)s of the groups' revenue."
    ) % {
        "name": best.segment.short_name,
        "share": percent(best.share),
        "revenue": percent(best.revenue_share),
    }
    if run.picture.certainty is None:
        return finding
    between = _("%s of buyers lie between groups: no group is 80 %% sure to be theirs.") % percent(
        run.picture.certainty.between
    )
    return f"{finding} {between}"


def feature_gaps(run: SegmentRun, plan: GroupingPlan) -> list[tuple[Any, Gap, float]]:
    """(title, counts, share of customers for whom it was guessed) of the plan's features that were not known
    of everybody."""
    people = max(run.quality.people, 1)
    gaps = {key: gap for key, gap in run.quality.gaps.items() if key in plan.features}
    return [(BY_KEY[key].title, gap, gap.unknown / people) for key, gap in gaps.items()]


def grouping_charts(run: SegmentRun, snapshots: list[SegmentSnapshot]) -> dict[str, Any]:
    """By the name of the place on the page."""
    charts: dict[str, Any] = {"shares": shares_chart(snapshots, short_name)}
    if run.picture.map:
        charts["map"] = map_chart(run, run.picture.map, short_name)
    if run.picture.factors:
        charts["loadings"] = _loadings_chart(run.picture.factors)
    if run.picture.certainty:
        charts["certainty"] = _certainty_chart(run.picture.certainty)
    if run.number_of_groups:
        charts["choice"] = criteria_chart(run.number_of_groups)
    return charts


def _loadings_chart(factors: Factors) -> dict[str, Any]:
    return {
        "columns": [" + ".join(str(BY_KEY[key].title) for key in names[:2]) for names in factors.names],
        "rows": [str(BY_KEY[key].title) for key in factors.features],
        "x": _("factor, named by its strongest features"),
        "y": "",
        "format": "ratio",
        "name": _("correlation"),
        "diverging": True,
        "narrow": True,
        "values": [
            [column, row, round(value, 2) + 0.0]
            for row, values in enumerate(factors.loadings)
            for column, value in enumerate(values)
        ],
    }


def _certainty_chart(certainty: Certainty) -> dict[str, Any]:
    counts = certainty.histogram
    total = max(sum(counts), 1)
    first = next((i for i, count in enumerate(counts) if count), 0)
    shares = [count / total for count in counts[first:]]
    return {
        "categories": [f"{percent(i / 10)} – {percent((i + 1) / 10)}" for i in range(first, 10)],
        "format": "percent",
        "y": _("share of buyers"),
        "x": _("probability of the likeliest group"),
        "sparse": True,
        "series": [{"name": _("customers"), "values": shares, "colour": ACCENT}],
    }
