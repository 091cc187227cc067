"""What is known of a customer: every feature is defined once, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from profiles.datasets.features import attributes
from profiles.models import CustomFeature, FeatureReview

BROWSING_WINDOW = timedelta(days=180)
UNBOUNDED = (float("-inf"), float("inf"))


@dataclass(frozen=True)
class Feature:
    """One thing known of a customer. `unit`: days, count, money, minutes, years, level, number or share;
    `clusters`: whether the nightly grouping uses it; `skewed`: spread over orders of magnitude, so that its
    logarithm is what is compared; `family`: features that say much the same, of which a reason names one;
    `topic`: demographics, purchases, browsing or own.

    `source` is the SQL expression over the rows `bought`, `browsed` and `customer` of `statement.FEATURES`.
    Where it can be unknown (`optional`) it gives NaN for what was not recorded and infinity for what cannot
    be read; values outside `bounds` are unusable.
    """

    key: str
    title: Any
    unit: str
    definition: Any
    source: str = ""
    clusters: bool = True
    skewed: bool = True
    family: str = ""
    topic: str = "purchases"
    optional: bool = False
    bounds: tuple[float, float] = UNBOUNDED
    yes_no: bool = False

    @property
    def needs_order(self) -> bool:
        """Whether it says nothing of those who never ordered: there are no days since an order that was not
        placed."""
        return self.topic == "purchases" and self.unit == "days"


def _person(key: str, title: Any, unit: str, definition: Any, source: str, **more: Any) -> Feature:
    return Feature(
        key,
        title,
        unit,
        definition,
        source,
        clusters=False,
        skewed=False,
        topic="demographics",
        optional=True,
        **more,
    )


DAYS_SINCE = "coalesce(extract(epoch FROM %(as_of)s - {}) / 86400, 0)"

CATALOGUE = [
    Feature(
        "recency",
        _("Days since last order"),
        "days",
        _("Days from the last paid order to the day of the run."),
        DAYS_SINCE.format("last"),
    ),
    Feature(
        "frequency",
        _("Orders"),
        "count",
        _("Number of paid orders; cancellations do not count."),
        "coalesce(frequency, 0)",
    ),
    Feature(
        "monetary",
        _("Money spent"),
        "money",
        _("Sum of all order lines less returns and cancellations."),
        "coalesce(monetary, 0)",
    ),
    Feature(
        "average_order_value",
        _("Average order value"),
        "money",
        _("Money spent divided by the number of orders."),
        "coalesce(monetary / nullif(frequency, 0), 0)",
        clusters=False,  # on a logarithmic scale it is money less orders: nothing new
    ),
    Feature(
        "tenure",
        _("Days since first order"),
        "days",
        _("Days from the first paid order to the day of the run."),
        DAYS_SINCE.format("first"),
    ),
    Feature(
        "discount_share",
        _("Orders with a discount"),
        "share",
        _("Share of paid orders with a coupon or a discount."),
        "coalesce(discounted::float8 / nullif(frequency, 0), 0)",
        skewed=False,
    ),
    Feature(
        "visits",
        _("Visits"),
        "count",
        _("Browsing sessions in the last 180 days."),
        "coalesce(visits, 0)",
        family="browsing",
        topic="browsing",
    ),
    Feature(
        "page_views",
        _("Page views"),
        "count",
        _("Pages and products viewed in the last 180 days."),
        "coalesce(page_views, 0)",
        clusters=False,
        family="browsing",
        topic="browsing",
    ),
    Feature(
        "dwell",
        _("Minutes on the site"),
        "minutes",
        _("Time spent on pages in the last 180 days."),
        "coalesce(dwell, 0)",
        clusters=False,
        family="browsing",
        topic="browsing",
    ),
    Feature(
        "return_rate",
        _("Return rate"),
        "share",
        _("Money returned or cancelled divided by money ordered."),
        "least(coalesce(returned / nullif(ordered, 0), 0), 1)",
        clusters=False,
        skewed=False,
    ),
    Feature(
        "items_per_order",
        _("Items per order"),
        "count",
        _("Pieces bought divided by the number of paid orders."),
        "coalesce(pieces::float8 / nullif(frequency, 0), 0)",
    ),
    Feature(
        "price_tier",
        _("Price tier"),
        "share",
        _(
            "Where the products bought stand among all of their category by price: 0 % the cheapest, 100 % "
            "the most expensive."
        ),
        "coalesce(round((tier / nullif(tiered, 0))::numeric, 9), 0)",
        skewed=False,
    ),
    Feature(
        "categories",
        _("Categories"),
        "count",
        _("How many of the shop's largest categories were bought from."),
        "coalesce(variety, 0)",
        clusters=False,
        skewed=False,
    ),
    Feature(
        "depth",
        _("Pages per visit"),
        "count",
        _("Page views divided by visits in the last 180 days."),
        "coalesce(page_views / nullif(visits, 0), 0)",
        clusters=False,
        family="browsing",
        topic="browsing",
    ),
    Feature(
        "carts_abandoned",
        _("Carts left behind"),
        "count",
        _("Visits in the last 180 days in which something was put in the cart and nothing was bought."),
        "coalesce(abandoned, 0)",
        clusters=False,
        topic="browsing",
    ),
    Feature(
        "searches",
        _("Searches"),
        "count",
        _("Searches on the site in the last 180 days."),
        "coalesce(searches, 0)",
        clusters=False,
        topic="browsing",
    ),
    _person(
        "age",
        _("Age"),
        "years",
        _("From the attribute “age” (of a band its middle), or from the date of birth."),
        attributes.AGE,
        bounds=(10, 110),
    ),
    _person(
        "female",
        _("Women"),
        "share",
        _("From the attribute “gender”: 1 for a woman, 0 for a man."),
        attributes.FEMALE,
        yes_no=True,
    ),
    _person(
        "income",
        _("Income level"),
        "level",
        _("From the attribute “income”: 1 low, 2 middle, 3 high, or the amount; of a band its middle."),
        attributes.INCOME,
    ),
    _person(
        "home_country",
        _("Lives in the main country"),
        "share",
        _("1 for customers of the country most customers live in, 0 for others."),
        attributes.HOME,
        yes_no=True,
    ),
]
SHARE = "share:"  # the key of a category's share of the money spent, followed by the category's name


def category_features(categories: Sequence[str]) -> list[Feature]:
    """What each of `categories` takes of the money that a customer spent in all of them. Their `source` reads
    the sums c0, c1, ... that `statement.FEATURES` makes of these categories, in this order."""
    spent = " + ".join(f"c{place}" for place in range(len(categories)))
    return [
        _category(name, f"coalesce(round(c{place} / nullif({spent}, 0) * 1e9) / 1e9, 0)")
        for place, name in enumerate(categories)
    ]


def _category(name: str, source: str = "") -> Feature:
    return Feature(
        SHARE + name,
        _("Spent on %s") % name,
        "share",
        _("Share of the money spent in the shop's largest categories that went to “%s”.") % name,
        source,
        clusters=False,
        skewed=False,
    )


def categories_in_force() -> list[str]:
    """Those that customers were compared by when they were last grouped: asking all orders again would keep a
    page waiting."""
    return FeatureReview.objects.order_by("-pk").values_list("categories", flat=True).first() or []


TOPICS = {
    "demographics": gettext_noop("Who they are"),
    "purchases": gettext_noop("What they bought"),
    "browsing": gettext_noop("What they looked at"),
    "own": gettext_noop("Your own"),
}


def own_feature(row: CustomFeature) -> Feature:
    """The feature that staff made of an imported attribute."""
    return Feature(
        row.key,
        row.title,
        row.unit,
        _("From the imported attribute “%s”.") % row.attribute,
        attributes.SOURCES[row.kind].format(f"own_{row.pk}"),
        clusters=False,
        skewed=False,
        topic="own",
        optional=True,
        yes_no=row.kind == CustomFeature.Kind.CATEGORY,
    )


class Known(dict[str, Feature]):
    """The catalogue by key. A feature of staff's own is looked up in the database, in or out of use: old runs
    still name it. So they do categories."""

    def __missing__(self, key: str) -> Feature:
        if key.startswith(SHARE):
            return _category(key.removeprefix(SHARE))
        row = CustomFeature.objects.filter(key=key).first()
        if row is None:
            raise KeyError(key)
        return own_feature(row)


BY_KEY = Known((feature.key, feature) for feature in CATALOGUE)


def own_rows() -> list[CustomFeature]:
    """The features of staff's own that are in use."""
    return list(CustomFeature.objects.filter(active=True))


def all_features() -> list[Feature]:
    """The catalogue, what the shop's largest categories took, and staff's own."""
    return [*CATALOGUE, *category_features(categories_in_force()), *map(own_feature, own_rows())]
