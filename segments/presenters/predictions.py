"""The words of predictions: what each says, why a value is what it is, and why learning was refused."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import money_rounded, number, percent
from segments.datasets.outcomes import FEATURES
from segments.models import Prediction, PredictionKind, PredictionRun
from segments.presenters.wording import in_unit

MEANINGS = {
    PredictionKind.LIFETIME: gettext_noop("Money each customer is expected to spend in the next 12 months, less returns."),
    PredictionKind.BUYS_7: gettext_noop("The probability that a customer orders within the next 7 days."),
    PredictionKind.BUYS_30: gettext_noop("The probability that a customer orders within the next 30 days."),
    PredictionKind.BUYS_90: gettext_noop("The probability that a customer orders within the next 90 days."),
    PredictionKind.CHURN: gettext_noop("The probability that somebody who bought lately will not order again in time."),
    PredictionKind.CATEGORY: gettext_noop("The category that a customer's next order will most likely be about."),
}
METHODS = {
    "rfm": gettext_noop("RFM score"), "bgnbd": gettext_noop("Buying rhythm (BG/NBD)"),
    "logistic": gettext_noop("Logistic regression"), "svm_linear": gettext_noop("Linear SVM"),
    "svm_kernel": gettext_noop("SVM with a radial kernel"),
    "forest": gettext_noop("Random forest"), "boosting": gettext_noop("Gradient boosting"),
    "bgnbd_gamma": gettext_noop("BG/NBD and gamma-gamma"), "favourite": gettext_noop("Favourite so far"),
    "popular": gettext_noop("Most popular"), "table": gettext_noop("Table of rates"),
}
REFUSALS = {
    "buyers": gettext_noop("Learning needs %(needed)s customers with an order; there are %(found)s."),
    "repeaters": gettext_noop("Learning needs %(needed)s customers who came back for a second order; there are %(found)s."),
    "history": gettext_noop("Learning needs %(needed)s days of orders; there are %(found)s."),
    "outcomes": gettext_noop("Learning needs %(needed)s customers of each kind in each test period; there were %(found)s."),
    "next_orders": gettext_noop("Learning needs %(needed)s next orders in each period; there were %(found)s."),
    "categories": gettext_noop("Learning needs %(needed)s product categories; there are %(found)s."),
    "chance": gettext_noop("Even the best method ranked customers no better than chance in the latest test period."),
}
FALLBACKS = {
    PredictionKind.LIFETIME: gettext_noop("Until then each customer counts as worth what the last 12 months brought."),
    PredictionKind.CATEGORY: gettext_noop("Until then it is the category each customer spent most on."),
}
RATES = gettext_noop("Until then each customer has the share of customers with a like recency and number of orders.")
UNKNOWN = {
    "gap": gettext_noop("No second order yet"), "overdue": gettext_noop("No second order yet"),
    "last_visit": gettext_noop("No visit in 180 days"),
}
NO_ORDER = gettext_noop("No order yet")
PARTS = {  # of the value of a customer
    "alive": gettext_noop("%s likely to be still a customer"),
    "orders": gettext_noop("%s orders expected in 12 months if so"),
    "order_value": gettext_noop("%s expected of an order, less returns"),
}
FIGURES = {  # where "title: value" would read oddly
    "recency": gettext_noop("Last order %s ago"), "tenure": gettext_noop("First order %s ago"),
    "last_visit": gettext_noop("Last visit %s ago"), "overdue": gettext_noop("Silent for %s times the usual gap between orders"),
}
TRAITS = {
    "gender": gettext_noop("Gender"), "age": gettext_noop("Age"), "income": gettext_noop("Income level"),
    "country": gettext_noop("Country"),
}
GROUPS = {
    "women": gettext_noop("women"), "men": gettext_noop("men"), "1": gettext_noop("low"), "2": gettext_noop("middle"),
    "3": gettext_noop("high"),
}


def method_name(key: str) -> str:
    return _(METHODS[key]) if key in METHODS else key


def group_name(name: str) -> str:
    return _(GROUPS[name]) if name in GROUPS else name


def meaning(run: PredictionRun) -> str:
    """What the numbers of a run say, in one sentence."""
    if run.kind == PredictionKind.CHURN:
        return _("The probability that somebody who bought in the last %(days)s days will not order in the next %(days)s.") % {
            "days": number(run.horizon_days)
        }
    return _(MEANINGS[PredictionKind(run.kind)])


def refusal(run: PredictionRun) -> str:
    """Why nothing was learned and what stands in; "" where something was."""
    if not run.refused:
        return ""
    said = run.card["refused"]
    why = _(REFUSALS[said["why"]])
    if "%(" in why:
        why %= {"needed": number(said["needed"]), "found": number(said["found"])}
    return f"{why} {_(FALLBACKS.get(PredictionKind(run.kind), RATES))}"


def in_words(run: PredictionRun, value: float, choice: int = 0) -> str:
    """A predicted value as the reader's language writes it."""
    if run.kind == PredictionKind.LIFETIME:
        return money_rounded(value, run.currency)
    if run.kind == PredictionKind.CATEGORY:
        return _("%(category)s (%(probability)s)") % {"category": category(run, choice), "probability": percent(value)}
    return percent(value, 1 if value < 0.1 else 0)


def category(run: PredictionRun, choice: int) -> str:
    """The category that `choice` stands for; "" where there is none."""
    return str(run.card["categories"][choice - 1]) if choice else ""


def reasons(prediction: Prediction) -> list[str]:
    """Why, strongest first: "Last order 12 days ago: +8 points". What two features say in the same words is said once."""
    run, numbers = prediction.run, prediction.reasons
    said: dict[str, float] = {}
    for place, contribution, figure in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        words = _figure(run, run.card["features"][int(place)], figure)
        said[words] = said.get(words, 0.0) + contribution
    return [
        _("%(figure)s: %(effect)s") % {"figure": words, "effect": effect(run, contribution)}
        for words, contribution in sorted(said.items(), key=lambda pair: -abs(pair[1])) if _counts(run, contribution)
    ]


def _counts(run: PredictionRun, contribution: float) -> bool:
    """Whether a contribution is worth a line: half a unit of money, a twentieth of a point."""
    return abs(contribution) >= (0.5 if run.kind == PredictionKind.LIFETIME else 0.0005)


def effect(run: PredictionRun, contribution: float) -> str:
    """+8 points, or money with its sign."""
    sign = "+" if contribution > 0 else "−"
    if run.kind == PredictionKind.LIFETIME:
        return sign + money_rounded(abs(contribution), run.currency)
    points = abs(contribution) * 100
    return _("%s points") % (sign + number(points, 0 if points >= 1 else 1))


def _figure(run: PredictionRun, key: str, value: float) -> str:
    if key in PARTS:
        return _(PARTS[key]) % (
            percent(value) if key == "alive" else money_rounded(value, run.currency) if key == "order_value" else number(value, 1))
    if key.startswith("share:"):
        return _("%(share)s of the money so far went to %(category)s") % {"share": percent(value), "category": key[6:]}
    if math.isnan(value):
        return _(UNKNOWN.get(key, NO_ORDER))
    feature = FEATURES[key]
    shown = in_unit(feature, value, run.currency)
    return _(FIGURES[key]) % shown if key in FIGURES else _("%(feature)s: %(value)s") % {"feature": feature.title, "value": shown}


def limits(run: PredictionRun) -> list[str]:
    """What a run cannot know, for its card."""
    said = [_("It knows orders and visits, not why people buy: a sale, a holiday or a stop in delivery changes what happens.")]
    if run.kind == PredictionKind.LIFETIME:
        said.append(_("Money a year from now counts %s less than money today.") % percent(run.card.get("discount", 0)))
        said.append(_("It takes for granted that how often people buy says nothing of how much they spend."))
    elif run.kind == PredictionKind.CATEGORY:
        said.append(_("It chooses among the largest categories of the shop; the others are not predicted."))
    else:
        said.append(_("Age, gender, income and place decide nothing: they serve to see whether groups are treated alike."))
    if run.card.get("fidelity", 1) < 1:
        said.append(_("Reasons come from a simpler stand-in that explains %s of the differences between scores.")
                    % percent(max(run.card["fidelity"], 0)))
    return said


def figures(run: PredictionRun) -> dict[str, Any]:
    """The card's headline: what it adds up to, and how good it was when tested ("" where it was not)."""
    champion = champion_row(run)
    match run.kind:
        case PredictionKind.LIFETIME:
            total, unit = money_rounded(run.card["total"], run.currency), _("expected in 12 months, of all customers")
        case PredictionKind.CATEGORY:
            total, unit = percent(champion["accuracy"] if champion else None), _("of next orders were about the category named")
        case PredictionKind.CHURN:
            total, unit = number(run.card["total"]), _("customers expected to stop")
        case _:
            total, unit = number(run.card["total"]), _("customers expected to buy")
    return {"total": total, "unit": unit, "tested": _tested(run, champion)}


def champion_row(run: PredictionRun) -> dict[str, Any] | None:
    """The card's row of the method in force; None where nothing was learned."""
    if run.refused:
        return None
    return next((row for row in run.card.get("candidates", []) if row["name"] == run.champion), None)


def _tested(run: PredictionRun, champion: dict[str, Any] | None) -> str:
    if champion and "auc" in champion:
        return _("AUC %(auc)s (%(low)s to %(high)s)") % {
            "auc": number(champion["auc"], 2), "low": number(champion["interval"][0], 2),
            "high": number(champion["interval"][1], 2)}
    if run.kind == PredictionKind.LIFETIME and "test" in run.card:
        return _("off by %(error)s orders a customer when tested") % {"error": number(run.card["test"]["mae"], 2)}
    if champion:
        return _("%(low)s to %(high)s when tested") % {
            "low": percent(champion["interval"][0]), "high": percent(champion["interval"][1])}
    return ""
