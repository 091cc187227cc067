"""What becomes of a batch that is handed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from delivery.actions import attempts, leases
from delivery.datasets.checks import ADDRESS_CHANGED, NO_CONSENT
from delivery.models import Delivery
from shop.models import Customer
from tests.delivery.conftest import consent

State = Delivery.State
Fill = Callable[[int], list[Delivery]]


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


def test_a_provider_that_is_down_postpones_and_at_last_fails(outbox: Fill, post: Any, settings: Any) -> None:
    outbox(1)
    settings.EMAIL_PORT = 1
    for attempt in range(1, attempts.MOST_ATTEMPTS + 1):
        Delivery.objects.update(not_before=None)
        assert attempts.send_batch(leases.lease_batch()) == 0
        assert Delivery.objects.get().attempts == attempt
    assert Delivery.objects.get().state == State.FAILED


@pytest.mark.parametrize("change", [{"lease": 9}, {"state": State.SUPPRESSED}])
def test_a_row_that_was_lost_is_not_sent(outbox: Fill, post: Any, change: dict[str, Any]) -> None:
    outbox(1)
    held = leases.lease_batch()
    Delivery.objects.update(**change)
    assert attempts.send_batch(held) == 0
    assert post.recipients == []
