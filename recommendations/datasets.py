"""Tables -> arrays, and the published lists -> offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext

from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.models import Product


@dataclass(frozen=True)
class Offer:
    """A product for one customer. `score` orders offers of one customer (no unit; 0 on the popular list); `because` is the
    product in their own history that speaks for it most, None on the popular list."""

    product: Product
    score: float = 0.0
    because: Product | None = None
    because_bought: bool = False

    @property
    def reason(self) -> str:
        """Why it is offered, to the customer, in the active language."""
        if self.because is None:
            return gettext("popular now")
        if self.because_bought:
            return gettext("because you bought %(product)s") % {"product": self.because}
        return gettext("because you looked at %(product)s") % {"product": self.because}


def _offerable() -> Q:
    """What may be offered at this moment: on sale, in stock (or stock unknown), and a product rather than content."""
    return Q(kind=Product.Kind.PRODUCT, active=True) & (Q(stock__isnull=True) | Q(stock__gt=0))


def offers_for(customer_ids: Sequence[int], limit: int = 20) -> dict[int, list[Offer]]:
    """The published offers of these customers (primary keys), best first, at most `limit` each.

    Customers without a personal list get the popular products; with nothing published everybody gets an empty list.
    Products that left the shop or ran out since the run are left out. Three queries, however many customers.
    """
    run = RecommendationRun.objects.published()
    if run is None:
        return {pk: [] for pk in customer_ids}
    lists = {one.customer_id: one for one in CustomerRecommendations.objects.filter(run=run, customer__in=customer_ids)}
    wanted = set(run.popular_ids)
    for one in lists.values():
        wanted.update(one.product_ids, one.because_ids)
    products = Product.objects.in_bulk(wanted)
    offerable = set(Product.objects.filter(_offerable(), pk__in=wanted).values_list("pk", flat=True))
    popular = [Offer(products[pk]) for pk in run.popular_ids if pk in offerable][:limit]
    personal = {pk: _personal(one, products, offerable)[:limit] for pk, one in lists.items()}
    return {pk: personal.get(pk) or popular for pk in customer_ids}


def _personal(one: CustomerRecommendations, products: dict[int, Product], offerable: set[int]) -> list[Offer]:
    rows = zip(one.product_ids, one.scores, one.because_ids, one.because_bought, strict=True)
    return [
        Offer(products[product], score, products.get(because), bought)
        for product, score, because, bought in rows
        if product in offerable
    ]
