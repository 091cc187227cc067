"""Handing a batch over: check once more, write each letter, call the provider, record what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from delivery.actions.leases import MAYBE_SENT, renew
from delivery.channels import CHANNELS, Adapter, Fate, UnavailableError
from delivery.datasets.checks import (
    ADDRESS_CHANGED,
    CAP_COUNT,
    NO_ADDRESS,
    NO_CONSENT,
    TOO_OFTEN,
    with_checks,
)
from delivery.models import Delivery
from delivery.presenters.unsubscribe import unsubscribe_url
from delivery.sources import Writer, sources
from shop.models import Customer

LEASE = Delivery.LEASE
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=30)  # doubles with each try

CANNOT_BE_REACHED = gettext_noop("the mail server could not be reached, several times")
REFUSED = gettext_noop("the mail server refused it")
CANNOT_BE_WRITTEN = gettext_noop("the message could not be written")

State = Delivery.State


def send_batch(batch: Sequence[Delivery]) -> int:
    """Attempt the deliveries of one lease, all of one source and channel; returns how many went out."""
    source, channel = batch[0].source, batch[0].channel
    allowed = _still_allowed(batch)
    customers = Customer.objects.in_bulk([row.customer_id for row in allowed])
    try:
        writer = sources()[source.type].writer(source.id, list(customers))
    except Refused:  # its text was fine when submitted: only an upgrade of the house can bring this about
        for row in allowed:
            _settle(row, of=[State.LEASED], state=State.FAILED, reason=CANNOT_BE_WRITTEN)
        return 0
    try:
        with CHANNELS[channel]() as adapter:
            sent = 0
            for at, row in enumerate(allowed):
                renew(allowed[at:])
                sent += _send(row, customers[row.customer_id], writer, adapter)
            return sent
    except UnavailableError:
        for row in allowed:
            _postpone(row, State.LEASED, CANNOT_BE_REACHED)
        return 0


def _still_allowed(batch: Sequence[Delivery]) -> list[Delivery]:
    """Check consent, address and cap again, now: who withdrew since the outbox was filled is suppressed."""
    people = Customer.objects.filter(pk__in=[row.customer_id for row in batch])
    checked = with_checks(people, channel=batch[0].channel, source=batch[0].source)
    facts = {
        pk: (agreed, digest if addressed else "", lately)
        for pk, agreed, addressed, digest, lately in checked.values_list(
            "pk", "agreed", "addressed", "hash", "lately"
        )
    }
    allowed = []
    for row in batch:
        agreed, digest, lately = facts.get(row.customer_id, (False, "", 0))
        if not agreed:
            reason = NO_CONSENT
        elif not digest:
            reason = NO_ADDRESS
        elif digest != row.address_hash:
            reason = ADDRESS_CHANGED
        elif lately >= CAP_COUNT:
            reason = TOO_OFTEN
        else:
            allowed.append(row)
            continue
        _settle(row, of=[State.LEASED], state=State.SUPPRESSED, reason=reason)
    return allowed


def _send(row: Delivery, customer: Customer, writer: Writer, adapter: Adapter) -> int:
    """Attempt one delivery and write down what became of it; 1 when it went out, else 0."""
    try:
        letter = writer.write(
            customer, letter_id=f"delivery-{row.pk}", unsubscribe_url=unsubscribe_url(row.pk)
        )
    except Refused:
        _settle(row, of=[State.LEASED], state=State.FAILED, reason=CANNOT_BE_WRITTEN)
        return 0
    now = timezone.now()
    mine = Delivery.objects.filter(
        pk=row.pk, lease=row.lease, state=State.LEASED, leased_until__gt=now
    ).update(
        state=State.ATTEMPTING,
        leased_until=now + LEASE,
        attempts=F("attempts") + 1,
        sent_at=now,
        provider_id=letter.id,
        product_ids=list(letter.product_ids),
    )
    if not mine:  # it was stopped, or this process was asleep and somebody else has the row
        return 0
    outcome = adapter.send(letter)
    held = [State.ATTEMPTING, State.UNKNOWN]  # a slow holder knows better than the one who gave it up
    if outcome.fate is Fate.LATER:
        _postpone(row, State.ATTEMPTING, CANNOT_BE_REACHED)
    elif outcome.fate is Fate.FAILED:
        _settle(row, of=held, state=State.FAILED, reason=REFUSED, provider_id=outcome.detail, sent_at=None)
    elif outcome.fate is Fate.UNKNOWN:
        _settle(row, of=held, state=State.UNKNOWN, reason=MAYBE_SENT)
    else:
        return _settle(row, of=held, state=State.SENT, reason="")
    return 0


def _settle(row: Delivery, *, of: Sequence[str], **values: object) -> int:
    """Write the end of a delivery, only as its holder and only from the states in `of`."""
    return Delivery.objects.filter(pk=row.pk, lease=row.lease, state__in=of).update(
        leased_until=None, **values
    )


def _postpone(row: Delivery, of: str, reason: str) -> None:
    """Back to the queue after a pause that doubles with each try; failed after the last. It was certainly not
    sent."""
    attempts = row.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        _settle(row, of=[of], state=State.FAILED, reason=reason, attempts=attempts, sent_at=None)
        return
    again = timezone.now() + FIRST_PAUSE * 2 ** (attempts - 1)
    _settle(row, of=[of], state=State.QUEUED, not_before=again, attempts=attempts, sent_at=None)
