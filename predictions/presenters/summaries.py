"""What a prediction says in words: its meaning, its method, a value, its headline and how it did in the
test."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from backoffice.templatetags.formats import money_rounded, number, percent
from predictions.cards import EstimatorMetrics
from predictions.models import PredictionKind, PredictionRun

MEANINGS = {
    PredictionKind.BUYS_7: gettext_noop("The probability that a customer orders within the next 7 days."),
    PredictionKind.BUYS_30: gettext_noop("The probability that a customer orders within the next 30 days."),
    PredictionKind.BUYS_90: gettext_noop("The probability that a customer orders within the next 90 days."),
    PredictionKind.CHURN: gettext_noop(
        "The probability that somebody who bought lately will not order again in time."
    ),
    PredictionKind.CATEGORY: gettext_noop(
        "The category that a customer's next order will most likely be about."
    ),
}
METHODS = {
    "rfm": gettext_noop("RFM score"),
    "bgnbd": gettext_noop("Buying rhythm (BG/NBD)"),
    "logistic": gettext_noop("Logistic regression"),
    "svm_linear": gettext_noop("Linear SVM"),
    "svm_kernel": gettext_noop("SVM with a radial kernel"),
    "forest": gettext_noop("Random forest"),
    "boosting": gettext_noop("Gradient boosting"),
    "bgnbd_gamma": gettext_noop("BG/NBD and gamma-gamma"),
    "bgnbd_mean": gettext_noop("BG/NBD and mean order value"),
    "favourite": gettext_noop("Favourite so far"),
    "most_popular": gettext_noop("Most popular"),
    "table": gettext_noop("Table of rates"),
    "last_period": gettext_noop("As much again as in the last period"),
    "mean": gettext_noop("The same for everybody"),
    "repeat_rate": gettext_noop("Rate of coming back"),
}
LEAST_SHOWN = 0.001


@dataclass(frozen=True)
class Headline:
    """What all values add up to (`total`, in `unit`), how good the prediction was in its test in a plain
    sentence, and the same in `metrics` for analysts ("" where it was not tested)."""

    total: str
    unit: str
    tested: str
    metrics: str


def method_name(key: str) -> str:
    """A method in the reader's language."""
    return _(METHODS[key]) if key in METHODS else key


def meaning(run: PredictionRun) -> str:
    """What the numbers of a run say, in one sentence."""
    if run.kind == PredictionKind.CHURN:
        return _(
            "The probability that somebody who bought in the last %(days)s days will not order in the next "
            "%(days)s."
        ) % {"days": number(run.horizon_days)}
    if run.kind == PredictionKind.LIFETIME:
        return _("Money each customer is expected to spend in the next %(days)s days, less returns.") % {
            "days": number(run.horizon_days)
        }
    return _(MEANINGS[PredictionKind(run.kind)])


def in_words(run: PredictionRun, value: float, choice: int = 0) -> str:
    """A predicted value as the reader's language writes it."""
    if run.kind == PredictionKind.LIFETIME:
        return money_rounded(value, run.currency)
    if run.kind == PredictionKind.CATEGORY:
        return _("%(category)s (%(probability)s)") % {
            "category": category(run, choice),
            "probability": percent(value),
        }
    shown = min(max(value, LEAST_SHOWN), 1 - LEAST_SHOWN)  # nobody is certain, and rounding makes nobody so
    return percent(shown, 0 if 0.1 <= shown < 0.99 else 1)


def category(run: PredictionRun, choice: int) -> str:
    """The category that `choice` stands for; "" where there is none."""
    return run.card.categories[choice - 1] if choice else ""


def champion_metrics(run: PredictionRun) -> EstimatorMetrics | None:
    """The card's row of the method in force; None where nothing was learned."""
    return None if run.refused else run.card.metrics_of(run.champion)


def headline(run: PredictionRun) -> Headline:
    """The figures of a prediction's card."""
    total, unit = _total(run)
    return Headline(total, unit, _tested(run), _metrics(run))


def _total(run: PredictionRun) -> tuple[str, str]:
    total, champion = run.card.total, champion_metrics(run)
    match run.kind:
        case PredictionKind.LIFETIME:
            unit = _("expected in %(days)s days, of all customers") % {"days": number(run.horizon_days)}
            return money_rounded(total, run.currency), unit
        case PredictionKind.CATEGORY if champion:
            return percent(champion.accuracy), _("of next orders were about the predicted category")
        case PredictionKind.CATEGORY:
            return number(run.customers), ngettext(
                "customer with a favourite", "customers with a favourite", run.customers
            )
        case PredictionKind.CHURN:
            return number(total), ngettext(
                "customer expected to stop", "customers expected to stop", round(total)
            )
        case _:
            return number(total), ngettext(
                "customer expected to buy", "customers expected to buy", round(total)
            )


def _tested(run: PredictionRun) -> str:
    """How good it was in the test, in a plain sentence; "" where it was not tested."""
    champion, test = champion_metrics(run), run.card.lifetime and run.card.lifetime.test
    if champion and champion.auc is not None:
        return _(
            "In the test it ranked %(share)s of pairs of customers correctly; its probabilities were off by "
            "%(points)s points on average."
        ) % {"share": percent(champion.auc), "points": number(100 * champion.calibration_error, 1)}
    if champion:
        return _("In the test it predicted the next category correctly %(share)s of the time.") % {
            "share": percent(champion.accuracy)
        }
    if test and not run.refused:
        return _(
            "In the test %(predicted)s was predicted for %(days)s days, and %(spent)s was spent in them."
        ) % {
            "days": number(test.days),
            "predicted": money_rounded(test.money_predicted, run.currency),
            "spent": money_rounded(test.money_observed, run.currency),
        }
    return ""


def _metrics(run: PredictionRun) -> str:
    champion, details = champion_metrics(run), run.card.lifetime
    if champion and champion.auc is not None:
        return _("AUC %(auc)s (95%% interval %(low)s to %(high)s), calibration error %(error)s") % {
            "auc": number(champion.auc, 2),
            "low": number(champion.interval[0], 2),
            "high": number(champion.interval[1], 2),
            "error": percent(champion.calibration_error, 1),
        }
    if champion:
        return _("accuracy %(accuracy)s (95%% interval %(low)s to %(high)s)") % {
            "accuracy": percent(champion.accuracy, 1),
            "low": percent(champion.interval[0], 1),
            "high": percent(champion.interval[1], 1),
        }
    method = next((row for row in details.methods if row.name == run.champion), None) if details else None
    if method and not run.refused:
        return _("mean absolute error a customer %(money)s, rank correlation %(rank)s") % {
            "rank": number(method.correlation or 0, 2),
            "money": money_rounded(method.money_error, run.currency),
        }
    return ""
