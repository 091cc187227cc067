"""A feature's value in the reader's words, and against the average."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.templatetags.formats import days, money_rounded, number, percent
from profiles.datasets.features import BY_KEY, Feature

# how a customer reads whose answer is no, or yes
TRAITS = {
    "female": (gettext_noop("A man"), gettext_noop("A woman")),
    "home_country": (gettext_noop("Lives in another country"), gettext_noop("Lives in the main country")),
}


def in_unit(feature: Feature, value: float, currency: str) -> str:
    """A value of `feature` as the reader's language writes it."""
    match feature.unit:
        case "days":
            return days(math.floor(value))  # as people count, and as rules say it: full days
        case "money":
            return money_rounded(value, currency)
        case "share":
            return percent(value)
        case "minutes":
            return _("%s min") % number(value)
        case _:
            return number(value, 0 if value >= 10 or value == round(value) else 1)


def against_average(key: str, mean: float, overall: float, currency: str, *, buyers: bool = False) -> str:
    """The `mean` of a group of customers in the feature `key` against the `overall` one, for example "Orders:
    12.3, 3.1 times the average customer's 4.0". `buyers`: the average is of those who ordered; of days since
    an order it always is."""
    feature = BY_KEY[key]
    return _compared(feature, in_unit(feature, mean, currency), mean, overall, currency, buyers=buyers)


def own_against_average(
    key: str, own: float, overall: float, currency: str, *, as_of: datetime, buyers: bool = False
) -> str:
    """The same of one customer, whose figure was `own` at `as_of`: days say which day, as they pass by
    themselves."""
    feature = BY_KEY[key]
    if feature.yes_no:
        return _trait(feature, own, overall, buyers)
    value = in_unit(feature, own, currency)
    if feature.unit == "days":
        value = _("%(value)s on %(day)s") % {
            "value": value,
            "day": date_format(localtime(as_of), "SHORT_DATE_FORMAT"),
        }
    return _compared(feature, value, own, overall, currency, buyers=buyers)


def _compared(
    feature: Feature, value: str, mean: float, overall: float, currency: str, *, buyers: bool
) -> str:
    buyers = buyers or feature.needs_order
    words = {"feature": feature.title, "value": value, "average": in_unit(feature, overall, currency)}
    if feature.yes_no:
        sentence = (
            _("%(feature)s: %(value)s (all buyers: %(average)s)")
            if buyers
            else _("%(feature)s: %(value)s (all customers: %(average)s)")
        )
    elif feature.unit in {"count", "money", "minutes"} and overall > 0 and mean >= 1.5 * overall:
        words["times"] = number(mean / overall, 1)
        sentence = (
            _("%(feature)s: %(value)s, %(times)s times the average buyer's %(average)s")
            if buyers
            else _("%(feature)s: %(value)s, %(times)s times the average customer's %(average)s")
        )
    else:
        sentence = (
            _("%(feature)s: %(value)s (average buyer: %(average)s)")
            if buyers
            else _("%(feature)s: %(value)s (average customer: %(average)s)")
        )
    return sentence % words


def _trait(feature: Feature, value: float, overall: float, buyers: bool) -> str:
    """For example "A woman, like 54% of the customers"."""
    has_it = value >= 0.5
    trait = (
        _(TRAITS[feature.key][has_it])
        if feature.key in TRAITS
        else _("%(feature)s: %(value)s")
        % {"feature": feature.title, "value": _("yes") if has_it else _("no")}
    )
    sentence = (
        _("%(trait)s, like %(share)s of the buyers")
        if buyers
        else _("%(trait)s, like %(share)s of the customers")
    )
    return sentence % {"trait": trait, "share": percent(overall if has_it else 1 - overall)}


def not_known(key: str) -> str:
    """A reason where nothing is recorded of the customer: the feature counted all the same."""
    return _("%(feature)s: not known, counted as the average") % {"feature": BY_KEY[key].title}
