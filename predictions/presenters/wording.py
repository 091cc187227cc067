"""The words of predictions: what each says, why a value is what it is, and why learning was refused."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from backoffice.templatetags.formats import country, money_rounded, number, percent
from predictions.algorithms.feature_contributions import AGREED
from predictions.datasets.outcomes import FEATURES
from predictions.models import Prediction, PredictionKind, PredictionRun
from profiles.presenters.features import in_unit

MEANINGS = {
    PredictionKind.LIFETIME: gettext_noop(
        "Money each customer is expected to spend in the next 12 months, less returns."
    ),
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
    "popular": gettext_noop("Most popular"),
    "table": gettext_noop("Table of rates"),
    "last_year": gettext_noop("What the last 12 months brought"),
}
REFUSALS = {
    "buyers": gettext_noop("Learning needs %(needed)s customers with an order; there are %(found)s."),
    "repeaters": gettext_noop(
        "Learning needs %(needed)s customers who came back for a second order; there are %(found)s."
    ),
    "history": gettext_noop("Learning needs %(needed)s days of orders; there are %(found)s."),
    "outcomes": gettext_noop(
        "Learning needs %(needed)s customers of each kind in each test period; there were %(found)s."
    ),
    "next_orders": gettext_noop(
        "Learning needs %(needed)s next orders in each period; there were %(found)s."
    ),
    "categories": gettext_noop("Learning needs %(needed)s product categories; there are %(found)s."),
    "money": gettext_noop(
        "When tested, %(found)s were foretold and %(needed)s came: the fallback would have been nearer."
    ),
    "calibration": gettext_noop(
        "When tested, even the best method was off by %(found)s points; the limit is %(needed)s."
    ),
    "chance": gettext_noop(
        "Even the best method ranked customers no better than chance in the latest test period."
    ),
}
FALLBACKS = {
    PredictionKind.LIFETIME: gettext_noop(
        "Until then each customer counts as worth what the last 12 months brought."
    ),
    PredictionKind.CATEGORY: gettext_noop("Until then it is the category each customer spent most on."),
}
RATES = gettext_noop(
    "Until then each customer has the share of customers with a like recency and number of orders."
)
UNKNOWN = {
    "gap": gettext_noop("No second order yet"),
    "overdue": gettext_noop("No second order yet"),
    "last_visit": gettext_noop("No visit in 180 days"),
}
DOUBTS = {  # why gamma-gamma is not in use
    "tail": gettext_noop(
        "Gamma-gamma is not used: customers differ so much that its mean means nothing (q = %s)."
    ),
    "mean": gettext_noop("Gamma-gamma is not used: its mean order is %s times that of the customers."),
    "dependent": gettext_noop(
        "Gamma-gamma is not used: how often people buy says how much they spend (rank correlation %s)."
    ),
}
LEAST_SHOWN = 0.001
NO_ORDER = gettext_noop("No order yet")
PARTS = {  # of the value of a customer
    "alive": gettext_noop("%s likely to be still a customer, by the rhythm of the orders"),
    "orders": gettext_noop("%s orders expected in 12 months if so"),
    "order_value": gettext_noop("%s expected of an order, less returns"),
    "spent": gettext_noop("%s spent in the last 12 months"),
}
FIGURES = {  # where "title: value" would read oddly
    "recency": gettext_noop("Last order %s ago"),
    "tenure": gettext_noop("First order %s ago"),
    "last_visit": gettext_noop("Last visit %s ago"),
    "overdue": gettext_noop("Silent for %s times the usual gap between orders"),
}
TRAITS = {
    "gender": gettext_noop("Gender"),
    "age": gettext_noop("Age"),
    "income": gettext_noop("Income level"),
    "country": gettext_noop("Country"),
}
GROUPS = {
    "women": gettext_noop("women"),
    "men": gettext_noop("men"),
    "1": gettext_noop("low"),
    "2": gettext_noop("middle"),
    "3": gettext_noop("high"),
}


def method_name(key: str) -> str:
    return _(METHODS[key]) if key in METHODS else key


def group_name(trait: str, name: str) -> str:
    """The name of a demographic group; a country as the reader's language has it."""
    if trait == "country":
        return country(name)
    return _(GROUPS[name]) if name in GROUPS else name


def meaning(run: PredictionRun) -> str:
    """What the numbers of a run say, in one sentence."""
    if run.kind == PredictionKind.CHURN:
        return _(
            "The probability that somebody who bought in the last %(days)s days will not order in the next "
            "%(days)s."
        ) % {"days": number(run.horizon_days)}
    return _(MEANINGS[PredictionKind(run.kind)])


def refusal(run: PredictionRun) -> str:
    """Why nothing was learned and what stands in; "" where something was."""
    if not run.refused:
        return ""
    said = run.card["refused"]
    why = _(REFUSALS[said["why"]])
    if "%(" in why:
        why %= {key: _refused_figure(run, said["why"], said[key]) for key in ("needed", "found")}
    return f"{why} {_(FALLBACKS.get(PredictionKind(run.kind), RATES))}"


def _refused_figure(run: PredictionRun, why: str, value: float) -> str:
    if why == "money":
        return money_rounded(value, run.currency)
    return number(100 * value, 1) if why == "calibration" else number(value)


def absent(kind: PredictionKind) -> str:
    """Why there is no prediction of a kind, where there are others."""
    if kind == PredictionKind.CATEGORY:
        return _("Nothing can be said yet: it takes products of at least two categories.")
    return _("Nothing can be said yet: the shop's history is too short for a time as long as this.")


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
    return str(run.card["categories"][choice - 1]) if choice else ""


def reasons(prediction: Prediction, most: int | None = None) -> list[str]:
    """Why, strongest first: "Last order 12 days ago: +8 points", the `most` strongest; then what the others
    add to the usual customer's, so that all adds up. Of a fallback's rate, whom it was counted on."""
    run, numbers = prediction.run, prediction.reasons
    if run.refused and "table" in run.card:
        cells = [run.card["table"][int(place)] for place in numbers[::3]]
        return [
            line
            for cell in cells
            for line in (_cell(run, cell), _set_to(run, cell, prediction.value))
            if line
        ]
    if run.refused and run.kind == PredictionKind.LIFETIME:
        return [
            _figure(run, run.card["features"][int(place)], figure)
            for place, figure in zip(numbers[::3], numbers[2::3], strict=True)
        ]
    said: dict[str, float] = {}
    usual: float | None = None
    agreed = 0.0
    for place, contribution, figure in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        if place < 0:  # see `Prediction`
            usual, agreed = (usual, contribution) if place == AGREED else (contribution, agreed)
            continue
        words = _figure(
            run, run.card["features"][int(place)], figure
        )  # two features may say the same in the same words
        said[words] = said.get(words, 0.0) + contribution
    strongest = sorted(
        (pair for pair in said.items() if _counts(run, pair[1])), key=lambda pair: -abs(pair[1])
    )[:most]
    lines = [
        _("%(figure)s: %(effect)s") % {"figure": words, "effect": effect(run, part)}
        for words, part in strongest
    ]
    if _counts(run, agreed):
        lines.append(_("So as not to contradict the other predictions: %s") % effect(run, agreed))
    if usual is not None:
        lines.append(
            _others(run, prediction.value - usual - agreed - sum(part for _words, part in strongest), usual)
        )
    return lines


def _others(run: PredictionRun, rest: float, usual: float) -> str:
    shown = percent(usual) if run.kind == PredictionKind.CATEGORY else in_words(run, usual)
    words = {"usual": shown, "effect": effect(run, rest)}
    if _counts(run, rest):
        return _("Everything else: %(effect)s; the usual customer has %(usual)s") % words
    return _("The usual customer has %(usual)s") % words


def _cell(run: PredictionRun, cell: dict[str, Any]) -> str:
    """The cell of a table of rates: "Of 212 customers with 2 orders and the last order 61 to 120 days ago,
    12% ordered ..."."""
    known = "recency" in cell
    if not cell["customers"]:
        return _("Nobody like this was counted: the share of all stands in")
    if run.kind == PredictionKind.CHURN:
        sentence = _(
            "Of %(customers)s earlier cases with %(orders)s and the last order %(ago)s ago, %(share)s did "
            "not order "
            "within %(days)s days"
        )
    elif known:
        sentence = _(
            "Of %(customers)s earlier cases with %(orders)s and the last order %(ago)s ago, %(share)s "
            "ordered within "
            "%(days)s days"
        )
    else:
        sentence = _(
            "Of %(customers)s earlier cases without an order, %(share)s ordered within %(days)s days"
        )
    return sentence % {
        "customers": number(cell["customers"]),
        "share": percent(cell["positives"] / cell["customers"]),
        "days": number(run.horizon_days),
        "orders": _orders(*cell["orders"]) if known else "",
        "ago": _ago(*cell["recency"]) if known else "",
    }


def _set_to(run: PredictionRun, cell: dict[str, Any], value: float) -> str:
    """What was made of a cell's share, where that is not the share itself."""
    share = cell["positives"] / cell["customers"] if cell["customers"] else None
    if share is None or percent(share) == percent(value):
        return ""
    return _(
        "Taken as %s: a share of few is drawn towards that of all, and no time is less likely than a shorter "
        "one"
    ) % in_words(run, value)


def _orders(more: float | None, most: float | None) -> str:
    least = int(more or 0) + 1
    if most is None:
        return ngettext("%(n)s order or more", "%(n)s orders or more", least) % {"n": number(least)}
    if most == least:
        return ngettext("%(n)s order", "%(n)s orders", least) % {"n": number(least)}
    return _("%(least)s to %(most)s orders") % {"least": number(least), "most": number(most)}


def _ago(more: float | None, most: float | None) -> str:
    if most is None:
        return _("more than %s days") % number(more or 0)
    return _("%(least)s to %(most)s days") % {"least": number(more or 0), "most": number(most)}


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
        shown = (
            number(value, 1)
            if key == "orders"
            else percent(value)
            if key == "alive"
            else money_rounded(value, run.currency)
        )
        return _(PARTS[key]) % shown
    if key.startswith("share:"):
        return _("%(share)s of the money so far went to %(category)s") % {
            "share": percent(value),
            "category": key[6:],
        }
    if math.isnan(value):
        return _(UNKNOWN.get(key, NO_ORDER))
    feature = FEATURES[key]
    shown = in_unit(feature, value, run.currency)
    return (
        _(FIGURES[key]) % shown
        if key in FIGURES
        else _("%(feature)s: %(value)s") % {"feature": feature.title, "value": shown}
    )


def limits(run: PredictionRun) -> list[str]:
    """What a run cannot know, for its card."""
    said = [
        _(
            "It knows orders and visits, not why people buy: a sale, a holiday or a stop in delivery changes "
            "what happens."
        )
    ]
    if run.kind == PredictionKind.LIFETIME:
        said += _limits_of_value(run)
    elif run.kind == PredictionKind.CATEGORY:
        said.append(_("It chooses among the largest categories of the shop; the others are not predicted."))
    else:
        said.append(
            _(
                "Age, gender, income and place decide nothing: they serve to see whether groups are treated "
                "alike."
            )
        )
    champion = champion_row(run)
    if champion and champion.get("beats") and champion["beats"][0] <= 0:
        baseline = "favourite" if run.kind == PredictionKind.CATEGORY else "rfm"
        said.append(_("In the test it was no better than “%s”, or only by chance.") % method_name(baseline))
    if not run.refused and run.card.get("fidelity", 1) < 1:
        said.append(
            _("Reasons come from a simpler stand-in that explains %s of the differences between scores.")
            % percent(max(run.card["fidelity"], 0))
        )
    return said


def _limits_of_value(run: PredictionRun) -> list[str]:
    if run.refused:
        return [_("It takes another year like the last for granted: it does not see who has stopped.")]
    said = [_("Money a year from now counts %s less than money today.") % percent(run.card["discount"])]
    if run.champion == "bgnbd_gamma":
        said.append(
            _(
                "It takes for granted that how often people buy says nothing of how much they spend; their "
                "rank correlation "
                "here is %s."
            )
            % number(run.card["correlation"] or 0, 2)
        )
    elif doubts := run.card["tried"][0]["doubts"]:
        said.append(_(DOUBTS[doubts["why"]]) % number(doubts["figure"], 2))
    else:
        said.append(
            _("Gamma-gamma is not used: in the test, mean order values were nearer to the money that came.")
        )
    if cap := run.card.get("cap"):
        said.append(
            _("What somebody orders in one day counts for %s at most: one giant order is no habit.")
            % money_rounded(cap, run.currency)
        )
    return said


def figures(run: PredictionRun) -> dict[str, Any]:
    """The card's headline: what it adds up to, and how good it was when tested ("" where it was not)."""
    champion = champion_row(run)
    match run.kind:
        case PredictionKind.LIFETIME:
            total, unit = (
                money_rounded(run.card["total"], run.currency),
                _("expected in 12 months, of all customers"),
            )
        case PredictionKind.CATEGORY:
            total, unit = (
                (percent(champion["accuracy"]), _("of next orders were about the category named"))
                if champion
                else (
                    number(run.customers),
                    ngettext("customer with a favourite", "customers with a favourite", run.customers),
                )
            )
        case PredictionKind.CHURN:
            total, unit = (
                number(run.card["total"]),
                ngettext("customer expected to stop", "customers expected to stop", round(run.card["total"])),
            )
        case _:
            total, unit = (
                number(run.card["total"]),
                ngettext("customer expected to buy", "customers expected to buy", round(run.card["total"])),
            )
    return {"total": total, "unit": unit, "tested": _tested(run, champion)}


def champion_row(run: PredictionRun) -> dict[str, Any] | None:
    """The card's row of the method in force; None where nothing was learned."""
    if run.refused:
        return None
    return next((row for row in run.card.get("candidates", []) if row["name"] == run.champion), None)


def tested_method(run: PredictionRun) -> str:
    """The method that the test of a customer's value was about: the one in force, or the last that was
    refused."""
    return method_name(run.card.get("tested", run.champion))


def _tested(run: PredictionRun, champion: dict[str, Any] | None) -> str:
    if champion and "auc" in champion:
        return _("AUC %(auc)s (%(low)s to %(high)s), off by %(points)s points") % {
            "points": number(100 * champion["ece"], 1),
            "auc": number(champion["auc"], 2),
            "low": number(champion["interval"][0], 2),
            "high": number(champion["interval"][1], 2),
        }
    test = run.card.get("test", {})
    if "money" in test and not run.refused:
        return _(
            "when tested, %(money)s were foretold and %(came)s came; off by %(error)s orders and %(off)s a "
            "customer"
        ) % {
            "money": money_rounded(test["money"], run.currency),
            "came": money_rounded(test["money_came"], run.currency),
            "error": number(test["mae"], 2),
            "off": money_rounded(test["money_mae"], run.currency),
        }
    if champion:
        return _("%(low)s to %(high)s when tested") % {
            "low": percent(champion["interval"][0]),
            "high": percent(champion["interval"][1]),
        }
    return ""
