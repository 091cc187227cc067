"""Why a customer's value is what it is, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from backoffice.templatetags.formats import money_rounded, number, percent
from predictions.algorithms.reasons import Reasons, decode
from predictions.cards import Range, RateCell
from predictions.datasets.labelled_samples import FEATURES
from predictions.models import Prediction, PredictionKind, PredictionRun
from predictions.presenters.summaries import in_words
from profiles.datasets.features import SHARE
from profiles.presenters.features import in_unit

LEAST_MONEY, LEAST_PROBABILITY = 0.5, 0.0005  # contributions below are not worth a line
UNKNOWN = {
    "gap": gettext_noop("No second order yet"),
    "overdue": gettext_noop("No second order yet"),
    "last_visit": gettext_noop("No visit in 180 days"),
}
NO_ORDER = gettext_noop("No order yet")
PARTS = {  # factors of the value of a customer
    "alive": gettext_noop("%(figure)s likely to be still a customer, by the rhythm of the orders"),
    "orders": gettext_noop("%(figure)s orders expected in %(days)s days if so"),
    "expected": gettext_noop("%(figure)s orders expected in %(days)s days, as others came back"),
    "order_value": gettext_noop("%(figure)s expected of an order, less returns"),
    "usual": gettext_noop("%(figure)s a day with an order, before returns"),
    **dict.fromkeys(
        ("spent", "spent_half", "spent_quarter"),
        gettext_noop("%(figure)s spent in the last %(days)s days"),
    ),
}
RECENT = {"spent_half": 2, "spent_quarter": 4}  # in what part of the horizon before
FIGURES = {  # where "title: value" would read oddly
    "recency": gettext_noop("Last order %s ago"),
    "tenure": gettext_noop("First order %s ago"),
    "last_visit": gettext_noop("Last visit %s ago"),
    "overdue": gettext_noop("Silent for %s times the usual gap between orders"),
}


def reasons(prediction: Prediction, most: int | None = None) -> list[str]:
    """Why, strongest first: "Last order 12 days ago: +8 points", the `most` strongest; then what the others
    add to the typical customer's value, so that all adds up. For a fallback's rate, whom it was counted
    on."""
    run, why = prediction.run, decode(prediction.reasons)
    if run.refused and run.card.table:
        return _of_rates(run, why, prediction.value)
    if run.refused and run.kind == PredictionKind.LIFETIME:
        return [_figure(run, part.feature, part.figure) for part in why.contributions]
    return _of_contributions(run, why, prediction.value, most)


def _of_rates(run: PredictionRun, why: Reasons, value: float) -> list[str]:
    cells = [run.card.table[part.feature] for part in why.contributions]
    return [line for cell in cells for line in (_cell(run, cell), _adjusted_rate(run, cell, value)) if line]


def _of_contributions(run: PredictionRun, why: Reasons, value: float, most: int | None) -> list[str]:
    by_words: dict[str, float] = {}  # two features may read the same
    for part in why.contributions:
        words = _figure(run, part.feature, part.figure)
        by_words[words] = by_words.get(words, 0.0) + part.amount
    shown = [(words, amount) for words, amount in by_words.items() if _matters(run, amount)]
    strongest = sorted(shown, key=lambda pair: -abs(pair[1]))[:most]
    lines = [
        _("%(figure)s: %(effect)s") % {"figure": words, "effect": effect(run, amount)}
        for words, amount in strongest
    ]
    if _matters(run, why.adjustment):
        lines.append(_("To agree with the other predictions: %s") % effect(run, why.adjustment))
    if why.typical is not None:
        named = sum(amount for _words, amount in strongest)
        lines.append(_rest(run, value - why.typical - why.adjustment - named, why.typical))
    return lines


def _rest(run: PredictionRun, rest: float, typical: float) -> str:
    shown = percent(typical) if run.kind == PredictionKind.CATEGORY else in_words(run, typical)
    words = {"typical": shown, "effect": effect(run, rest)}
    if _matters(run, rest):
        return _("Everything else: %(effect)s; the typical customer has %(typical)s") % words
    return _("The typical customer has %(typical)s") % words


def _cell(run: PredictionRun, cell: RateCell) -> str:
    """For example "Of 212 earlier cases with 2 orders and the last order 61 to 120 days ago, 12% ordered
    within 30 days"."""
    if not cell.customers:
        return _("Nobody like this was counted: the rate of all customers is used")
    words = {
        "customers": number(cell.customers),
        "share": percent(cell.positives / cell.customers),
        "days": number(run.horizon_days),
    }
    if cell.orders is None or cell.recency is None:
        return (
            _("Of %(customers)s earlier cases without an order, %(share)s ordered within %(days)s days")
            % words
        )
    words |= {"orders": _orders(cell.orders), "ago": _ago(cell.recency)}
    if run.kind == PredictionKind.CHURN:
        return (
            _(
                "Of %(customers)s earlier cases with %(orders)s and the last order %(ago)s ago, %(share)s "
                "did not order within %(days)s days"
            )
            % words
        )
    return (
        _(
            "Of %(customers)s earlier cases with %(orders)s and the last order %(ago)s ago, %(share)s "
            "ordered within %(days)s days"
        )
        % words
    )


def _adjusted_rate(run: PredictionRun, cell: RateCell, value: float) -> str:
    """What a cell's rate was adjusted to; "" where it is the rate itself."""
    rate = cell.positives / cell.customers if cell.customers else None
    if rate is None or percent(rate) == percent(value):
        return ""
    return _(
        "Taken as %s: a rate of few is drawn towards that of all, and no horizon is less likely than a "
        "shorter one"
    ) % in_words(run, value)


def _orders(among: Range) -> str:
    more, most = among
    least = int(more or 0) + 1
    if most is None:
        return ngettext("%(n)s order or more", "%(n)s orders or more", least) % {"n": number(least)}
    if most == least:
        return ngettext("%(n)s order", "%(n)s orders", least) % {"n": number(least)}
    return _("%(least)s to %(most)s orders") % {"least": number(least), "most": number(most)}


def _ago(among: Range) -> str:
    more, most = among
    if most is None:
        return _("more than %s days") % number(more or 0)
    return _("%(least)s to %(most)s days") % {"least": number(more or 0), "most": number(most)}


def _matters(run: PredictionRun, amount: float) -> bool:
    """Whether a contribution is worth a line: half a unit of money, a twentieth of a point."""
    return abs(amount) >= (LEAST_MONEY if run.kind == PredictionKind.LIFETIME else LEAST_PROBABILITY)


def effect(run: PredictionRun, amount: float) -> str:
    """+8 points, or money with its sign."""
    sign = "+" if amount > 0 else "−"
    if run.kind == PredictionKind.LIFETIME:
        return sign + money_rounded(abs(amount), run.currency)
    points = abs(amount) * 100
    return _("%s points") % (sign + number(points, 0 if points >= 1 else 1))


def _figure(run: PredictionRun, place: int, value: float | None) -> str:
    """A customer's own figure of the feature in this place of the card."""
    key = run.card.features[place]
    if value is None:
        return _(UNKNOWN.get(key, NO_ORDER))
    if key in PARTS:
        return _(PARTS[key]) % _factor(run, key, value)
    if key.startswith(SHARE):
        return _("%(share)s of the money so far went to %(category)s") % {
            "share": percent(value),
            "category": key.removeprefix(SHARE),
        }
    feature = FEATURES[key]
    shown = in_unit(feature, value, run.currency)
    if key == "overdue" and round(value, 1) < 0.1:
        return _("Ordered just now, by the usual gap between orders")
    if key in FIGURES:
        return _(FIGURES[key]) % shown
    return _("%(feature)s: %(value)s") % {"feature": feature.title, "value": shown}


def _factor(run: PredictionRun, key: str, value: float) -> dict[str, str]:
    match key:
        case "orders" | "expected":
            figure = number(value, 1 if value >= 1 else 2)
        case "alive":
            figure = percent(value)
        case _:
            figure = money_rounded(value, run.currency)
    return {"figure": figure, "days": number(run.horizon_days / RECENT.get(key, 1))}
