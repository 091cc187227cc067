"""The published lists -> what a customer is offered, and why.

Every page, message and API call comes through here. It reads what was published, corrected by what is on sale
and what the customer owns now; it computes nothing, and an import contract keeps the estimators out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from recommendations.datasets.offerable import may_be_offered
from recommendations.datasets.purchases import owned
from recommendations.models import CustomerRecommendations, ListedProduct, RecommendationRun
from shop.models import Product


@dataclass(frozen=True)
class Offer:
    """A product for one customer. `score` orders the offers of one customer (no unit; 0 on the popular list).
    `because` is the product in their own history that speaks for it most, None where none does;
    `because_bought`: they bought it rather than viewed it. It may be the offered product itself, which they
    viewed and have not bought."""

    product: Product
    score: float = 0.0
    because: Product | None = None
    because_bought: bool = False

    @property
    def reason(self) -> str:
        """Why it is offered, to the customer, in the active language."""
        if self.because is None:
            return gettext("popular now")
        if self.because == self.product:
            return gettext("because you viewed it")
        if self.because_bought:
            return gettext("because you bought %(product)s") % {"product": self.because}
        return gettext("because you viewed %(product)s") % {"product": self.because}


@dataclass(frozen=True)
class ServedList:
    """What one customer is offered, best first. `personal`: from a list of their own rather than the popular
    products."""

    offers: list[Offer]
    personal: bool = False


def serve(customer_ids: Sequence[int], limit: int = 20) -> dict[int, ServedList]:
    """The published offers of these customers (primary keys), at most `limit` each.

    Customers without a personal list, or who opted out of personalisation, get the popular products; with
    nothing published everybody gets an empty list. Left out of every list are products that left the shop or
    ran out since the run, and what the customer owns by now. Five queries, however many customers.
    """
    run = RecommendationRun.objects.published()
    if run is None:
        return {pk: ServedList([]) for pk in customer_ids}
    stored = CustomerRecommendations.objects.in_force().filter(customer__in=customer_ids)
    lists = {row.customer_id: row.entries for row in stored}
    products = Product.objects.in_bulk({*run.popular_ids, *_named(lists.values())})
    on_sale = Product.objects.filter(may_be_offered(), pk__in=products)
    offerable = set(on_sale.values_list("pk", flat=True))
    possessions = owned(customer_ids, offerable)
    served = {}
    for pk in customer_ids:
        wanted = offerable - possessions.get(pk, set())
        own = [_offer(listed, products) for listed in lists.get(pk, ()) if listed.product_id in wanted]
        served[pk] = (
            ServedList(own[:limit], personal=True)
            if own
            else ServedList(_popular(run, products, wanted, limit))
        )
    return served


def offers_for(customer_ids: Sequence[int], limit: int = 20) -> dict[int, list[Offer]]:
    """Like `serve`, the offers alone."""
    return {pk: served.offers for pk, served in serve(customer_ids, limit).items()}


def popular_offers(limit: int = 20) -> list[Offer]:
    """The published popular products that may be offered now, at most `limit`, best first."""
    run = RecommendationRun.objects.published()
    if run is None:
        return []
    products = Product.objects.filter(may_be_offered()).in_bulk(run.popular_ids)
    return _popular(run, products, products, limit)


def _popular(
    run: RecommendationRun, products: dict[int, Product], offerable: Container[int], limit: int
) -> list[Offer]:
    return [Offer(products[pk]) for pk in run.popular_ids if pk in offerable][:limit]


def _named(lists: Iterable[tuple[ListedProduct, ...]]) -> Iterator[int]:
    """Primary keys of all products that the lists name."""
    for entries in lists:
        for listed in entries:
            yield listed.product_id
            if listed.because_id is not None:
                yield listed.because_id


def _offer(listed: ListedProduct, products: dict[int, Product]) -> Offer:
    because = None if listed.because_id is None else products.get(listed.because_id)
    return Offer(products[listed.product_id], listed.score, because, listed.because_bought)
