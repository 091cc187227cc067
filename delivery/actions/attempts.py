"""Handing a batch over: write each letter, check once more, call the provider, record what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.errors import Refused
from delivery.actions.leases import MAYBE_SENT, renew
from delivery.channels import CHANNELS, UNUSABLE_ADDRESS, Adapter, Fate, Letter, UnavailableError
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
MOST_ATTEMPTS = 30
FIRST_PAUSE = timedelta(seconds=30)  # doubles with each try, up to ...
LONGEST_PAUSE = timedelta(hours=1)  # ... this: a server that is away for a day loses no message

PUT_OFF = gettext_noop("the mail server put it off, again and again for a day")
REFUSED = gettext_noop("the mail server refused it")
UNUSABLE = gettext_noop("the mail server cannot write to an address like this")
CANNOT_BE_WRITTEN = gettext_noop("the message could not be written")

State = Delivery.State


def send_batch(batch: Sequence[Delivery]) -> int:
    """Attempt the deliveries of one lease, all of one source and channel; returns how many went out."""
    source, channel = batch[0].source, batch[0].channel
    customers = Customer.objects.in_bulk([row.customer_id for row in batch])
    try:
        writer = sources()[source.type].writer(source.id, list(customers))
    except Refused:  # its text was fine when submitted: only an upgrade of the house can bring this about
        for row in batch:
            _settle(row, of=[State.LEASED], state=State.FAILED, reason=CANNOT_BE_WRITTEN)
        return 0
    try:
        with CHANNELS[channel]() as adapter:
            sent = 0
            for at, row in enumerate(batch):
                renew(batch[at:])
                if customer := customers.get(row.customer_id):  # else erased, and the row with them
                    sent += _send(row, customer, writer, adapter)
            return sent
    except UnavailableError:
        for row in batch:
            _postpone(row, State.LEASED)
        return 0


def _send(row: Delivery, customer: Customer, writer: Writer, adapter: Adapter) -> int:
    """Attempt one delivery and write down what became of it; 1 when it went out, else 0."""
    try:
        letter = writer.write(
            customer, letter_id=f"delivery-{row.pk}", unsubscribe_url=unsubscribe_url(row.pk)
        )
    except Refused:
        _settle(row, of=[State.LEASED], state=State.FAILED, reason=CANNOT_BE_WRITTEN)
        return 0
    if not _begin(row, letter):
        return 0
    outcome = adapter.send(letter)
    held = [State.ATTEMPTING, State.UNKNOWN]  # a slow holder knows better than the one who gave it up
    if outcome.fate is Fate.LATER:
        _postpone(row, State.ATTEMPTING, answered=bool(outcome.detail))
    elif outcome.fate is Fate.FAILED:
        reason = UNUSABLE if outcome.detail == UNUSABLE_ADDRESS else REFUSED
        _settle(row, of=held, state=State.FAILED, reason=reason, provider_id=outcome.detail, sent_at=None)
    elif outcome.fate is Fate.UNKNOWN:
        _settle(row, of=held, state=State.UNKNOWN, reason=MAYBE_SENT)
    else:
        return _settle(row, of=held, state=State.SENT, reason="")
    return 0


@transaction.atomic
def _begin(row: Delivery, letter: Letter) -> bool:
    """Commit `attempting`, after a last look in the same transaction at consent, address and cap. One at a
    time for each address, whatever the source or the process: two senders never count the same letters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"send {row.address_hash}"])
    if reason := _objection(row):
        _settle(row, of=[State.LEASED], state=State.SUPPRESSED, reason=reason)
        return False
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
    return bool(mine)  # else it was stopped, or this process was asleep and somebody else has the row


def _objection(row: Delivery) -> str:
    """Why this person may not be written to now; empty when they may."""
    person = Customer.objects.filter(pk=row.customer_id)
    checked = with_checks(person, channel=row.channel, source=row.source)
    facts = checked.values_list("agreed", "addressed", "hash", "lately").first()
    agreed, addressed, digest, lately = facts or (False, False, "", 0)
    if not agreed:
        return NO_CONSENT
    if not addressed:
        return NO_ADDRESS
    if digest != row.address_hash:
        return ADDRESS_CHANGED
    return TOO_OFTEN if lately >= CAP_COUNT else ""


def _settle(row: Delivery, *, of: Sequence[str], **values: object) -> int:
    """Write the end of a delivery, only as its holder and only from the states in `of`."""
    return Delivery.objects.filter(pk=row.pk, lease=row.lease, state__in=of).update(
        leased_until=None, **values
    )


def _postpone(row: Delivery, of: str, *, answered: bool = False) -> None:
    """Back to the queue after a pause that grows with each try. It was certainly not sent. A server that is
    away is waited for; one that `answered` "later" for a day has refused this letter."""
    attempts = min(row.attempts + 1, MOST_ATTEMPTS)
    if answered and attempts == MOST_ATTEMPTS:
        _settle(row, of=[of], state=State.FAILED, reason=PUT_OFF, attempts=attempts, sent_at=None)
        return
    again = timezone.now() + min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    _settle(row, of=[of], state=State.QUEUED, not_before=again, attempts=attempts, sent_at=None)
