"""What becomes of a batch that is handed over."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from delivery.actions import attempts, leases
from delivery.datasets.checks import ADDRESS_CHANGED, CAP_COUNT, NO_CONSENT, TOO_OFTEN
from delivery.models import Delivery, SourceKey
from shop.models import Customer
from tests.delivery.conftest import Newsletter, NewsletterWriter, consent, fill_outbox, make_readers

State = Delivery.State
Fill = Callable[[int], list[Delivery]]
WRITE = NewsletterWriter.write


def test_what_went_out_is_written_down(outbox: Fill, post: Any) -> None:
    (row,) = outbox(1)
    assert attempts.send_batch(leases.lease_batch()) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.leased_until) == (State.SENT, 1, None)
    assert (row.provider_id, row.product_ids) == (f"delivery-{row.pk}", [7, 8])
    assert post.recipients == ["r0@example.com"]


def test_whoever_withdrew_or_moved_since_is_suppressed(outbox: Fill, post: Any) -> None:
    outbox(3)
    withdrew, moved, _stayed = Customer.objects.order_by("pk")
    consent(withdrew, granted=False)
    Customer.objects.filter(pk=moved.pk).update(email="new@example.com")
    assert attempts.send_batch(leases.lease_batch()) == 1
    reasons = dict(Delivery.objects.filter(state=State.SUPPRESSED).values_list("customer", "reason"))
    assert reasons == {withdrew.pk: NO_CONSENT, moved.pk: ADDRESS_CHANGED}


def test_a_letter_that_cannot_be_written_fails_alone(outbox: Fill, post: Any) -> None:
    outbox(2)
    Customer.objects.filter(external_id="r0").update(first_name="Unwritable")
    assert attempts.send_batch(leases.lease_batch()) == 1
    failed = Delivery.objects.get(state=State.FAILED)
    assert (failed.customer.external_id, failed.reason) == ("r0", attempts.CANNOT_BE_WRITTEN)


def test_a_provider_that_is_down_is_waited_for(outbox: Fill, post: Any, settings: Any) -> None:
    outbox(1)
    settings.EMAIL_PORT = 1
    for before in (0, 1, attempts.MOST_ATTEMPTS):
        Delivery.objects.update(not_before=None, attempts=before)
        assert attempts.send_batch(leases.lease_batch()) == 0
        row = Delivery.objects.get()
        assert (row.state, row.attempts) == (State.QUEUED, min(before + 1, attempts.MOST_ATTEMPTS))
        assert row.not_before is not None
        assert row.not_before <= timezone.now() + attempts.LONGEST_PAUSE


def test_an_answer_of_later_is_a_refusal_only_after_a_day(outbox: Fill, post: Any) -> None:
    outbox(1)
    post.answers = {"r0": "451 try again later"}
    for before, state in [(0, State.QUEUED), (attempts.MOST_ATTEMPTS - 1, State.FAILED)]:
        Delivery.objects.update(not_before=None, attempts=before)
        attempts.send_batch(leases.lease_batch())
        assert Delivery.objects.get().state == state
    assert Delivery.objects.get().reason == attempts.PUT_OFF


@pytest.mark.parametrize("change", [{"lease": 9}, {"state": State.SUPPRESSED}])
def test_a_row_that_was_lost_is_not_sent(outbox: Fill, post: Any, change: dict[str, Any]) -> None:
    outbox(1)
    held = leases.lease_batch()
    Delivery.objects.update(**change)
    assert attempts.send_batch(held) == 0
    assert post.recipients == []


def test_a_no_that_comes_while_the_batch_is_sent_is_kept(outbox: Fill, post: Any, monkeypatch: Any) -> None:
    outbox(3)
    held = leases.lease_batch()
    last = held[-1].customer
    written: list[Customer] = []

    def write(writer: NewsletterWriter, customer: Customer, **options: str) -> Any:
        if not written:
            consent(last, granted=False)
        written.append(customer)
        return WRITE(writer, customer, **options)

    monkeypatch.setattr(NewsletterWriter, "write", write)
    assert attempts.send_batch(held) == 2
    row = Delivery.objects.get(customer=last)
    assert (row.state, row.reason) == (State.SUPPRESSED, NO_CONSENT)


def test_a_no_on_another_record_of_the_address_is_kept(outbox: Fill, post: Any) -> None:
    outbox(1)
    twin = Customer.objects.create(external_id="twin", email="R0@Example.com")
    consent(twin, granted=False)
    assert attempts.send_batch(leases.lease_batch()) == 0
    assert Delivery.objects.get().reason == NO_CONSENT


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_over_the_cap_however_many_send(post: Any, settings: Any, monkeypatch: Any) -> None:
    settings.DELIVERY_SOURCES = {"newsletter": "tests.delivery.conftest.Newsletter"}
    issues = range(1, CAP_COUNT + 4)
    monkeypatch.setattr(Newsletter, "issues", issues)
    make_readers(2)
    for issue in issues:
        fill_outbox(SourceKey("newsletter", issue))
    held = [leases.lease_batch() for _issue in issues]

    def send(batch: list[Delivery]) -> int:
        try:
            return attempts.send_batch(batch)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(held)) as senders:
        sent = sum(senders.map(send, held))
    assert sent == 2 * CAP_COUNT
    assert set(post.times.values()) == {CAP_COUNT}
    over = Delivery.objects.filter(state=State.SUPPRESSED)
    assert set(over.values_list("reason", flat=True)) == {TOO_OFTEN}
