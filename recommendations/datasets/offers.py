"""The published lists -> what a customer is offered, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext

from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.models import Product

LATEST_PURCHASES = """
    SELECT customer_id, product_id FROM (
        SELECT o.customer_id, l.product_id,
               row_number() OVER (PARTITION BY o.customer_id ORDER BY max(o.placed_at) DESC, l.product_id) AS place
        FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id JOIN shop_product p ON p.id = l.product_id
        WHERE o.customer_id = ANY(%s) AND o.status <> 'pending' AND p.kind = 'product' AND o.placed_at < %s
        GROUP BY o.customer_id, l.product_id HAVING sum(l.quantity) > 0) AS ranked
    WHERE place <= %s ORDER BY customer_id, place"""


def latest_purchases(customer_ids: Sequence[int], limit: int, *, as_of: datetime) -> dict[int, list[Product]]:
    """The products these customers bought (and kept) before `as_of`, latest first, at most `limit` each. Two
    queries."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST_PURCHASES, [list(customer_ids), as_of, limit])
        rows = cursor.fetchall()
    products = Product.objects.in_bulk({product for _customer, product in rows})
    bought: dict[int, list[Product]] = {pk: [] for pk in customer_ids}
    for customer, product in rows:
        bought[customer].append(products[product])
    return bought


@dataclass(frozen=True)
class Offer:
    """A product for one customer. `score` orders offers of one customer (no unit; 0 on the popular list);
    `because` is the product in their own history that speaks for it most (`because_bought`: they bought it
    rather than looked at it), None on the popular list. It may be the offered product itself, which they
    looked at and have not bought."""

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
            return gettext("because you looked at it")
        if self.because_bought:
            return gettext("because you bought %(product)s") % {"product": self.because}
        return gettext("because you looked at %(product)s") % {"product": self.because}


def may_be_offered() -> Q:
    """What may be offered at this moment: on sale, in stock (or stock unknown), and a product rather than
    content."""
    return Q(kind=Product.Kind.PRODUCT, active=True) & (Q(stock__isnull=True) | Q(stock__gt=0))


def offers_for(customer_ids: Sequence[int], limit: int = 20) -> dict[int, list[Offer]]:
    """The published offers of these customers (primary keys), best first, at most `limit` each.

    Customers without a personal list, or who said no to personalisation, get the popular products; with
    nothing published everybody gets an empty list. Products that left the shop or ran out since the run are
    left out. Three queries, however many customers.
    """
    run = RecommendationRun.objects.published()
    if run is None:
        return {pk: [] for pk in customer_ids}
    lists = {
        one.customer_id: one
        for one in CustomerRecommendations.objects.in_force().filter(customer__in=customer_ids)
    }
    wanted = set(run.popular_ids)
    for one in lists.values():
        wanted.update(one.product_ids, one.because_ids)
    products = Product.objects.in_bulk(wanted)
    offerable = set(Product.objects.filter(may_be_offered(), pk__in=wanted).values_list("pk", flat=True))
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
