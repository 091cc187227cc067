"""The page of features: what is known of customers, which of it is worth comparing them by, and features of
one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import percent
from profiles.actions.features import add_feature, retire_feature
from profiles.algorithms.selection import REDUNDANT, Verdict
from profiles.datasets.features import BY_KEY, TOPICS, Feature, all_features
from profiles.datasets.imported import imported_attributes
from profiles.models import CustomFeature, FeatureReview

UNITS = {
    "days": _lazy("days"),
    "count": pgettext_lazy("unit", "how many"),
    "money": pgettext_lazy("unit", "the shop's currency"),
    "minutes": _lazy("minutes"),
    "years": pgettext_lazy("unit", "years"),
    "level": pgettext_lazy("unit", "level"),
    "number": pgettext_lazy("unit", "number"),
    "share": "%",
}


@staff_page("profiles.view_customfeature")
def overview(request: StaffRequest) -> HttpResponse:
    review = FeatureReview.objects.order_by("-pk").first()
    verdicts = {row["key"]: Verdict(**row) for row in review.verdicts} if review else {}
    own = {row.key: row for row in CustomFeature.objects.filter(active=True)}
    rows = [
        {
            "feature": feature,
            "topic": _(TOPICS[feature.topic]),
            "unit": UNITS.get(feature.unit, ""),
            "verdict": verdicts.get(feature.key),
            "known": _known(verdicts.get(feature.key), feature, review),
            "own": own.get(feature.key),
            "why": _why(verdicts[feature.key]) if feature.key in verdicts else "",
        }
        for feature in all_features()
    ]
    return page(
        request,
        "profiles/features.html",
        title=_("What customers are compared by"),
        rows=rows,
        review=review,
        finding=_finding(list(verdicts.values())),
        chart=_chart(list(verdicts.values())),
        attributes=[
            (
                one,
                [(value, (one.name, value) in taken(own)) for value in one.examples],
                (one.name, "") in taken(own),
            )
            for one in imported_attributes()
        ],
    )


def _known(verdict: Verdict | None, feature: Feature, review: FeatureReview | None) -> float | None:
    """The share of customers of whom it is known: of days since an order, of those who ordered."""
    if verdict is None or review is None:
        return None
    never = review.never_bought / max(review.customers, 1)
    return min(verdict.coverage, 1 - never) if feature.needs_order else verdict.coverage


def taken(own: dict[str, CustomFeature]) -> set[tuple[str, str]]:
    return {(row.attribute, row.value) for row in own.values()}


def _why(verdict: Verdict) -> str:
    match verdict.verdict:
        case "unknown":
            return _("known of %s of customers only") % percent(verdict.coverage)
        case "constant":
            return _("the same for %s of customers") % percent(verdict.same)
        case "redundant":
            return _("says the same as “%(rival)s” (rank correlation %(correlation).2f)") % {
                "rival": BY_KEY[verdict.rival].title,
                "correlation": verdict.correlation,
            }
        case _:
            return ""


def _finding(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return ""
    kept = [one for one in verdicts if one.verdict == "kept"]
    best = max(kept, key=lambda one: one.contribution or 0, default=None)
    if best is None:
        return _("None of the features tells customers apart.")
    return _(
        "%(kept)d of %(all)d features each tell something of their own; “%(best)s” separates today's groups "
        "best."
    ) % {"kept": len(kept), "all": len(verdicts), "best": BY_KEY[best.key].title}


def _chart(verdicts: list[Verdict]) -> dict[str, Any]:
    shown = sorted(
        (one for one in verdicts if one.contribution is not None), key=lambda one: -(one.contribution or 0)
    )
    return {
        "categories": [str(BY_KEY[one.key].title) for one in shown],
        "format": "percent",
        "horizontal": True,
        "x": _("share of the differences that lies between the groups"),
        "criterion": REDUNDANT,
        "colours": ["#4F46E5" if one.verdict == "kept" else "#9AA3B5" for one in shown],
        "series": [
            {"name": _("between the groups"), "values": [round(one.contribution or 0, 4) for one in shown]}
        ],
    }


@require_POST
@staff_page("profiles.change_customfeature")
def add(request: StaffRequest) -> HttpResponse:
    feature = add_feature(
        attribute=request.POST.get("attribute", ""),
        kind=request.POST.get("kind", ""),
        value=request.POST.get("value", ""),
        by=request.user,
    )
    messages.success(request, _("“%s” is a feature now: groupings can use it.") % feature.title)
    return redirect("profiles:features")


@require_POST
@staff_page("profiles.change_customfeature")
def retire(request: StaffRequest, pk: int) -> HttpResponse:
    feature = get_object_or_404(CustomFeature, pk=pk)
    retire_feature(feature=feature, by=request.user)
    messages.success(request, _("“%s” is out of use.") % feature.title)
    return redirect("profiles:features")
