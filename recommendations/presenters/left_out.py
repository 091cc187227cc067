"""Why a customer gets the popular products rather than a list of their own."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import number
from recommendations.algorithms.methods import METHODS
from recommendations.datasets.purchases import with_history
from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.models import Unprofiled


def left_out_reasons(run: RecommendationRun) -> list[str]:
    """How many get the popular products, by the reason; the counts sum to `run.fallback_customers`."""
    left_out = run.left_out
    counted = [
        (
            left_out.not_better,
            ngettext(
                "%s has bought or viewed something: no personal list is shown to be better for them",
                "%s have bought or viewed something: no personal list is shown to be better for them",
                left_out.not_better,
            ),
        ),
        (
            left_out.refused,
            ngettext("%s refused personalisation", "%s refused personalisation", left_out.refused),
        ),
        (
            left_out.no_history,
            ngettext(
                "%s has bought and viewed nothing yet, or sent it back",
                "%s have bought and viewed nothing yet, or sent it back",
                left_out.no_history,
            ),
        ),
        (
            left_out.ordinary,
            ngettext(
                "%s would get a list that hardly differs from the popular one",
                "%s would get lists that hardly differ from the popular one",
                left_out.ordinary,
            ),
        ),
    ]
    return [sentence % number(count) for count, sentence in counted if count]


def why_popular(run: RecommendationRun, customer_ids: Sequence[int]) -> dict[int, str]:
    """For each of these customers, who are served the popular products of `run`, the reason in a few words.
    Four queries at most."""
    said_no = Unprofiled.objects.filter(customer__in=customer_ids)
    refused = set(said_no.values_list("customer", flat=True))
    stored = CustomerRecommendations.objects.filter(run=run, customer__in=customer_ids)
    listed = set(stored.values_list("customer", flat=True))
    before = with_history(customer_ids, until=run.as_of)
    since = with_history(customer_ids)

    if METHODS[run.method].personal:
        with_a_history = _("popular products: a personal list would hardly differ")
    elif run.evaluation.comparison:
        with_a_history = _("popular products: personal lists do no better here")
    else:
        with_a_history = _("popular products: too little to learn tastes from")

    def why(pk: int) -> str:
        if pk in refused:
            return _("popular products: opted out of personalisation")
        if pk in listed:
            return _("popular products: everything on the personal list is owned or sold out by now")
        if pk in before:
            return with_a_history
        if pk in since:
            return _("popular products: bought or viewed something only since the last refresh")
        return _("popular products: no purchases or views to learn from")

    return {pk: why(pk) for pk in customer_ids}
