"""The page of features: what is known of customers, what each feature is worth, and features made of
attributes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from backoffice.pages import StaffRequest, page, staff_page
from profiles.actions.features import add_feature, retire_feature
from profiles.datasets.features import TOPICS, all_features
from profiles.datasets.imported_attributes import imported_attributes
from profiles.models import CustomFeature, FeatureReview
from profiles.presenters.reviews import contributions_chart, correlation, finding, flaw, known_share

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
    """The catalogue with the verdict of the last grouping on each feature, and what was imported besides."""
    review = FeatureReview.objects.order_by("-pk").first()
    verdicts = review.verdicts.by_key() if review else {}
    own = {row.key: row for row in CustomFeature.objects.filter(active=True)}
    rows = [
        {
            "feature": feature,
            "topic": _(TOPICS[feature.topic]),
            "unit": UNITS.get(feature.unit, ""),
            "verdict": verdicts.get(feature.key),
            "known": known_share(verdicts.get(feature.key), feature, review),
            "own": own.get(feature.key),
            "flaw": flaw(verdicts[feature.key]) if feature.key in verdicts else "",
            "correlation": correlation(verdicts[feature.key]) if feature.key in verdicts else None,
        }
        for feature in all_features()
    ]
    used = _in_use(own)
    return page(
        request,
        "profiles/features.html",
        title=_("What customers are compared by"),
        rows=rows,
        review=review,
        finding=finding(list(verdicts.values())),
        chart=contributions_chart(list(verdicts.values())),
        attributes=[
            (
                attribute,
                [(value, (attribute.name, value) in used) for value in attribute.examples],
                (attribute.name, "") in used,
            )
            for attribute in imported_attributes()
        ],
    )


def _in_use(own: dict[str, CustomFeature]) -> set[tuple[str, str]]:
    """The (attribute, value) pairs that are features already."""
    return {(row.attribute, row.value) for row in own.values()}


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
