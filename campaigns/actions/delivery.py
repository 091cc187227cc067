"""Sending: resolve the audience once, lease, attempt, settle. Safe to run twice, side by side, and to kill at
any moment.

A delivery goes queued -> leased -> attempting -> sent | failed | unknown (or suppressed, with the reason).
`attempting` is committed before the provider is called. A row whose holder died in `leased` was certainly not
sent and is queued again; one whose holder died in `attempting` may have been sent and becomes `unknown`: only
a person resends it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from campaigns.audience import (
    CAP_COUNT,
    HOLDOUT,
    NO_ADDRESS,
    NO_CONSENT,
    REACHED,
    TOO_OFTEN,
    AddressHash,
    audience_sql,
    lately_sent,
)
from campaigns.channels import Adapter, Fate, UnavailableError
from campaigns.channels.email import EmailAdapter
from campaigns.composing import Composer, unsubscribe_url
from campaigns.models import Campaign, Delivery
from recommendations.datasets.offers import Offer, offers_for
from segments.actions.membership import bring_up_to_date
from shop.models import Channel, Consent, Customer, CustomerTouched

BATCH = 50
HOLD, LEASE = Delivery.HOLD, Delivery.LEASE
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=30)  # doubles with each try
PATIENCE = 60.0  # seconds one call of `deliver_due` works before it lets the queue have its turn

CANNOT_BE_REACHED = gettext_noop("the mail server could not be reached, several times")
REFUSED = gettext_noop("the mail server refused it")
MAYBE_SENT = gettext_noop("the connection broke while it was handed over: it may have arrived")
ADDRESS_CHANGED = gettext_noop("the address changed after the campaign began")
CANNOT_BE_WRITTEN = gettext_noop("the message could not be written")

State = Delivery.State


def deliver_due(*, patience: float = PATIENCE) -> int:
    """Begin what is approved and due, send what is waiting, finish what is complete. Returns how many
    messages went out."""
    recover_abandoned()
    begin_due_campaigns()
    deadline = time.monotonic() + patience
    sent = 0
    while time.monotonic() < deadline and (batch := lease_batch()):
        sent += _send_batch(batch)
    finish_campaigns()
    return sent


def begin_due_campaigns() -> list[Campaign]:
    """Move approved campaigns whose time has come to sending and write their outbox, each in one
    transaction."""
    due = Campaign.objects.filter(
        Q(send_at__isnull=True) | Q(send_at__lte=timezone.now()), state=Campaign.State.APPROVED
    )
    return [campaign for campaign in due if _begin(campaign)]


@transaction.atomic
def _begin(campaign: Campaign) -> bool:
    now = timezone.now()
    mine = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.APPROVED).update(
        state=Campaign.State.SENDING, started_at=now
    )
    if mine:
        campaign.refresh_from_db()
        bring_up_to_date(campaign.segment)
        resolve_audience(campaign=campaign)
        record(by=None, verb="campaign.begin", about=campaign)
    return bool(mine)


def resolve_audience(*, campaign: Campaign) -> int:
    """Write one row for each member of the audience: queued, held out, or suppressed with the reason. Returns
    how many are new; repeating it adds nobody, because a customer and an address are unique within a
    campaign."""
    sql, parameters = audience_sql(campaign)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {Delivery._meta.db_table} (campaign_id, customer_id, channel, step, address_hash, state, reason, lease,
                                                   attempts, product_ids, provider_id, created_at)
            SELECT %s, customer_id, %s, 0, address_hash,
                   CASE outcome WHEN %s THEN %s WHEN %s THEN %s ELSE %s END,
                   CASE WHEN outcome IN (%s, %s) THEN '' ELSE outcome END, 0, 0, '[]', '', %s
            FROM ({sql}) AS audience ORDER BY customer_id ON CONFLICT DO NOTHING
            """,  # noqa: S608 - names come from the models, every value is a parameter
            [
                campaign.pk,
                campaign.channel,
                REACHED,
                State.QUEUED,
                HOLDOUT,
                State.HELD_OUT,
                State.SUPPRESSED,
                REACHED,
                HOLDOUT,
                timezone.now(),
                *parameters,
            ],
        )
        return cursor.rowcount


@transaction.atomic
def lease_batch(size: int = BATCH) -> list[Delivery]:
    """Take up to `size` waiting deliveries of one campaign for a while. Rows others hold are skipped; each
    lease raises the row's token, so that a holder who comes too late cannot write."""
    waiting = Exists(Delivery.objects.due().filter(campaign=OuterRef("pk")))
    campaign = Campaign.objects.filter(waiting, state=Campaign.State.SENDING).order_by("started_at").first()
    if campaign is None:
        return []
    due = Delivery.objects.due().filter(campaign=campaign)
    rows = list(
        due.select_for_update(skip_locked=True, of=("self",))[:size]
    )  # in no order: sorting a million costs more
    until = timezone.now() + HOLD
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.LEASED, lease=F("lease") + 1, leased_until=until
    )
    for row in rows:
        row.lease, row.leased_until = row.lease + 1, until
    return rows


def _hold_on(batch: Sequence[Delivery]) -> None:
    """A sign of life for what is still in hand, once a third of the time is over. What somebody else took
    meanwhile has another end of its lease and stays theirs."""
    now = timezone.now()
    ends = {row.leased_until for row in batch if row.leased_until}
    if not ends or max(ends) - now > HOLD * 2 / 3:
        return
    Delivery.objects.filter(
        pk__in=[row.pk for row in batch], state=State.LEASED, leased_until__in=ends
    ).update(leased_until=now + HOLD)
    for row in batch:
        row.leased_until = now + HOLD


def _send_batch(batch: Sequence[Delivery]) -> int:
    campaign = Campaign.objects.select_related("message").get(pk=batch[0].campaign_id)
    allowed = _still_allowed(campaign, batch)
    customers = Customer.objects.in_bulk([row.customer_id for row in allowed])
    try:
        composer = Composer(campaign.message)
    except Refused:  # its template was fine when submitted: only an upgrade of the house can bring this about
        return _settle_all(allowed, state=State.FAILED, reason=CANNOT_BE_WRITTEN)
    offers = (
        offers_for(list(customers), campaign.products_per_message) if campaign.products_per_message else {}
    )
    try:
        with EmailAdapter() as adapter:
            sent = 0
            for at, row in enumerate(allowed):
                _hold_on(allowed[at:])
                sent += _send_one(
                    row, customers[row.customer_id], offers.get(row.customer_id, []), composer, adapter
                )
            return sent
    except UnavailableError:
        for row in allowed:
            _postpone(row, State.LEASED, CANNOT_BE_REACHED)
        return 0


def _still_allowed(campaign: Campaign, batch: Sequence[Delivery]) -> list[Delivery]:
    """Ask consent, address and cap again, now: those who said no since the campaign began are suppressed."""
    address = F("email") if campaign.channel == Channel.EMAIL else F("phone")
    people = Customer.objects.filter(pk__in=[row.customer_id for row in batch])
    consenting = set(people.consenting(campaign.channel).values_list("pk", flat=True))
    facts = {
        pk: (digest, lately)
        for pk, digest, lately in people.reachable(campaign.channel).values_list(
            "pk", AddressHash(address), lately_sent(campaign)
        )
    }
    allowed = []
    for row in batch:
        digest, lately = facts.get(row.customer_id, ("", 0))
        if row.customer_id not in consenting:
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


def _send_one(
    row: Delivery, customer: Customer, offers: Sequence[Offer], composer: Composer, adapter: Adapter
) -> int:
    """Attempt one delivery and write down what became of it; 1 when it went out, else 0."""
    try:
        letter = composer.write(
            customer, offers, letter_id=f"delivery-{row.pk}", unsubscribe_url=unsubscribe_url(row.pk)
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
        product_ids=[offer.product.pk for offer in offers],
    )
    if not mine:  # the campaign was cancelled, or this process was asleep and somebody else has the row
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


def _settle_all(rows: Sequence[Delivery], *, state: str, reason: str) -> int:
    for row in rows:
        _settle(row, of=[State.LEASED], state=state, reason=reason)
    return 0


def _postpone(row: Delivery, of: str, reason: str) -> None:
    """Back to the queue after a pause that doubles with each try; failed after the last. It was certainly not
    sent."""
    attempts = row.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        _settle(row, of=[of], state=State.FAILED, reason=reason, attempts=attempts, sent_at=None)
        return
    again = timezone.now() + FIRST_PAUSE * 2 ** (attempts - 1)
    _settle(row, of=[of], state=State.QUEUED, not_before=again, attempts=attempts, sent_at=None)


def recover_abandoned() -> tuple[int, int]:
    """Take back what dead processes held: (queued again, now unknown)."""
    late = Delivery.objects.filter(leased_until__lt=timezone.now())
    queued = late.filter(state=State.LEASED).update(
        state=State.QUEUED, lease=F("lease") + 1, leased_until=None
    )
    unknown = late.filter(state=State.ATTEMPTING).update(
        state=State.UNKNOWN, leased_until=None, reason=MAYBE_SENT
    )
    return queued, unknown


def finish_campaigns() -> int:
    """Mark campaigns with nothing left to send as sent; returns how many."""
    unfinished = (
        Delivery.objects.unfinished().filter(campaign__state=Campaign.State.SENDING).values("campaign")
    )
    return (
        Campaign.objects.filter(state=Campaign.State.SENDING)
        .exclude(pk__in=unfinished)
        .update(state=Campaign.State.SENT, finished_at=timezone.now())
    )


@transaction.atomic
def resend_unknown(*, campaign: Campaign, by: User) -> int:
    """Queue the messages of unknown fate again, because a person decided that a repetition is better than a
    gap."""
    require(by, "campaigns.submit_campaign")
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if row.state not in {Campaign.State.SENDING, Campaign.State.SENT}:
        raise Refused(_("Only a campaign that was sent can be sent again."))
    again = Delivery.objects.filter(campaign=row, state=State.UNKNOWN).update(
        state=State.QUEUED, lease=F("lease") + 1, attempts=0, not_before=None, reason=""
    )
    if not again:
        raise Refused(_("No message of this campaign is of unknown fate."))
    row.state, row.finished_at = Campaign.State.SENDING, None
    row.save(update_fields=["state", "finished_at"])
    record(by=by, verb="campaign.resend", about=row, messages=again)
    return again


@transaction.atomic
def unsubscribe(*, delivery: Delivery) -> None:
    """Withdraw the recipient's consent for the channel the delivery went through. Saying it twice writes it
    once."""
    customer = Customer.objects.select_for_update().get(pk=delivery.customer_id)
    if Customer.objects.filter(pk=customer.pk).consenting(delivery.channel).exists():
        Consent.objects.create(
            customer=customer,
            channel=delivery.channel,
            granted=False,
            source=Consent.Source.UNSUBSCRIBE,
            note=delivery.campaign.name[:200],
        )
        CustomerTouched.objects.add([customer.pk])
