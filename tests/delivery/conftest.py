"""A source of letters that is no campaign, and customers to write to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from backoffice.errors import Refused
from delivery.actions.outbox import enqueue
from delivery.channels import Letter
from delivery.models import Delivery, SourceKey
from shop.models import Channel, Consent, Customer
from tests.mail_server import post  # noqa: F401 - a fixture

NEWSLETTER = SourceKey("newsletter", 1)


class NewsletterWriter:
    def write(self, customer: Customer, *, letter_id: str, unsubscribe_url: str) -> Letter:
        if customer.first_name == "Unwritable":
            raise Refused("This text cannot be filled in.")
        return Letter(
            letter_id, customer.email, "News", "News", "<p>News</p>", unsubscribe_url, product_ids=(7, 8)
        )


class Newsletter:
    """One issue, always on its way."""

    issues: Sequence[int] = (1,)

    def begin_due(self) -> None: ...

    def being_sent(self) -> Sequence[int]:
        return self.issues

    def writer(self, source_id: int, customers: Sequence[int]) -> NewsletterWriter:
        return NewsletterWriter()

    def finish(self) -> None: ...

    def language(self, source_id: int) -> str:
        return "zh-hans"


@pytest.fixture
def newsletter(db: None, settings: Any) -> None:
    settings.DELIVERY_SOURCES = {"newsletter": "tests.delivery.conftest.Newsletter"}


def consent(customer: Customer, granted: bool = True) -> None:
    Consent.objects.create(
        customer=customer, channel=Channel.EMAIL, granted=granted, source=Consent.Source.FORM
    )


def make_readers(count: int) -> list[Customer]:
    """Customers with an address and consent."""
    readers = Customer.objects.bulk_create(
        Customer(external_id=f"r{n}", email=f"r{n}@example.com", first_name=f"Name{n}", locale="en")
        for n in range(count)
    )
    for reader in readers:
        consent(reader)
    return readers


def fill_outbox(source: SourceKey = NEWSLETTER, state: str = Delivery.State.QUEUED) -> int:
    """A delivery for every customer."""
    return enqueue(
        source=source,
        source_name="News",
        channel=Channel.EMAIL,
        people_sql="""
            SELECT id AS customer_id, encode(sha256(convert_to(lower(email), 'UTF8')), 'hex') AS address_hash,
                   %s AS state, '' AS reason
            FROM shop_customer
        """,
        parameters=[state],
    )


@pytest.fixture
def outbox(newsletter: None) -> Callable[[int], list[Delivery]]:
    """Fill the newsletter's outbox with so many readers."""

    def fill(count: int) -> list[Delivery]:
        make_readers(count)
        fill_outbox()
        return list(Delivery.objects.order_by("pk"))

    return fill
