"""What a prediction cannot know, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import money_rounded, number, percent
from predictions.cards import CATEGORY_BASELINE, PURCHASE_BASELINE, LifetimeDetails
from predictions.models import PredictionKind, PredictionRun
from predictions.presenters.summaries import champion_metrics, method_name

ORDER_METHODS = ("bgnbd_gamma", "bgnbd_mean")
DOUBTS = {  # why gamma-gamma is not used
    "tail": gettext_noop(
        "Gamma-gamma is not used: customers differ so much that its mean means nothing (q = %s)."
    ),
    "mean": gettext_noop("Gamma-gamma is not used: its mean order is %s times that of the customers."),
    "dependent": gettext_noop(
        "Gamma-gamma is not used: how often people buy says how much they spend (rank correlation %s)."
    ),
}


def limits(run: PredictionRun) -> list[str]:
    """What a run cannot know, for its card."""
    found = [
        _(
            "It knows orders and visits, not why people buy: a sale, a holiday or a stop in delivery changes "
            "what happens."
        )
    ]
    if run.kind == PredictionKind.LIFETIME:
        found += _of_lifetime_value(run)
    elif run.kind == PredictionKind.CATEGORY:
        found.append(_("It chooses among the largest categories of the shop; the others are not predicted."))
    else:
        found.append(
            _(
                "Age, gender, income and place are not used: they only serve to check whether groups are "
                "treated alike."
            )
        )
    champion = champion_metrics(run)
    if champion and champion.lead and champion.lead[0] <= 0:
        baseline = CATEGORY_BASELINE if run.kind == PredictionKind.CATEGORY else PURCHASE_BASELINE
        found.append(_("In the test it was no better than “%s”, or only by chance.") % method_name(baseline))
    if not run.refused and run.card.fidelity < 1:
        found.append(
            _(
                "Reasons are taken from a simpler surrogate that explains %s of the differences between "
                "scores."
            )
            % percent(max(run.card.fidelity, 0))
        )
    return found


def _of_lifetime_value(run: PredictionRun) -> list[str]:
    details = run.card.lifetime
    if run.refused or details is None:
        return [_("It was not tested: it takes every customer to come back as often as the others.")]
    found = []
    if details.test:
        found.append(
            _("Nothing is promised beyond %s days: a longer time could not be tested on this history.")
            % number(details.test.days)
        )
    if run.champion in ORDER_METHODS:
        found.append(_money_method(run, details))
    if run.champion == "last_period":
        found.append(_("It assumes another time like the last: it does not see who has stopped."))
    if run.champion in ORDER_METHODS and details.cap:
        found.append(
            _("What somebody orders in one day counts for %s at most: one giant order is no habit.")
            % money_rounded(details.cap, run.currency)
        )
    return found


def _money_method(run: PredictionRun, details: LifetimeDetails) -> str:
    if run.champion == "bgnbd_gamma":
        return _(
            "It assumes that how often people buy says nothing about how much they spend; their rank "
            "correlation here is %s."
        ) % number(details.correlation or 0, 2)
    doubt = next((method.doubt for method in details.methods if method.doubt), None)
    if doubt:
        return _(DOUBTS[doubt.reason]) % number(doubt.figure, 2)
    return _("Gamma-gamma is not used: in the test, mean order values were closer to the money spent.")
