"""A campaign as it is written: created, changed, copied, cancelled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actions import key_details, record
from backoffice.errors import Refused, require
from backoffice.models import ApiKey, User
from campaigns.actions.authors import add_authors
from campaigns.models import Campaign, Message
from delivery.actions import outbox
from delivery.channels import CHANNELS
from segments.models import Segment

State = Campaign.State
EDITABLE = [State.DRAFT, State.REJECTED]
CANCELLABLE = [State.DRAFT, State.SUBMITTED, State.REJECTED, State.APPROVED, State.SENDING]
MOST_PRODUCTS = 12


class CampaignFields(TypedDict, total=False):
    """What staff decide. `budget` in `currency`; `send_at` None: as soon as approved; `holdout_percent` 0 to
    50."""

    name: str
    segment: Segment
    message: Message
    products_per_message: int
    holdout_percent: int
    send_at: datetime | None
    budget: Decimal
    currency: str


def _check(campaign: Campaign) -> None:
    if not campaign.name.strip():
        raise Refused(_("Give the campaign a name."), field="name")
    if campaign.channel not in CHANNELS:
        raise Refused(_("Only email can be sent at present: choose email."), field="channel")
    if campaign.holdout_percent > 50:
        raise Refused(
            _("Hold out at most 50 %, so that most people get the message."), field="holdout_percent"
        )
    if campaign.products_per_message > MOST_PRODUCTS:
        raise Refused(
            _("At most %d products fit in a message.") % MOST_PRODUCTS, field="products_per_message"
        )
    if campaign.budget < 0:
        raise Refused(_("A budget cannot be negative."), field="budget")


def locked(campaign: Campaign, states: Collection[str]) -> Campaign:
    """The campaign's row, held until the transaction ends and certainly in one of `states`: of two people at
    once one wins."""
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if row.state not in states:
        raise Refused(
            _("“%(name)s” is now %(state)s, so this is no longer possible: its page says who changed it.")
            % {"name": row.name, "state": row.get_state_display()}
        )
    return row


def expect_version(row: Campaign, version: int) -> None:
    if row.version != version:
        raise Refused(
            _("Somebody changed this campaign after you opened it: look at it again before you go on."),
            field="version",
        )


@transaction.atomic
def create_campaign(
    *, by: User, public_id: UUID | None = None, key: ApiKey | None = None, **fields: Unpack[CampaignFields]
) -> Campaign:
    """A new draft. Raises Refused with the field at fault. `public_id` is the one its numbers were shown for:
    it salts the holdout, so that the people counted in the editor are the people who get it. `key`: the API
    key that writes for `by`."""
    require(by, "campaigns.edit_campaign")
    campaign = Campaign(created_by=by, **fields)
    campaign.public_id = public_id or campaign.public_id
    add_authors(campaign, by, key)
    _check(campaign)
    try:
        with transaction.atomic():  # of two submissions at once the second waits here for the first
            campaign.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("This campaign is saved already: you find it in the list of campaigns.")) from None
    record(by=by, verb="campaign.create", about=campaign, **key_details(key))
    return campaign


@transaction.atomic
def edit_campaign(
    *, campaign: Campaign, by: User, version: int, **fields: Unpack[CampaignFields]
) -> Campaign:
    """Change a draft or a rejected campaign, which becomes a draft again. `version` is the one the editor
    saw."""
    require(by, "campaigns.edit_campaign")
    row = locked(campaign, EDITABLE)
    expect_version(row, version)
    changed = sorted(name for name, value in fields.items() if getattr(row, name) != value)
    for name, value in fields.items():
        setattr(row, name, value)
    _check(row)
    row.version += 1
    row.state = State.DRAFT
    row.decided_by, row.decided_at, row.comment = None, None, ""
    row.terms, row.look_again = {}, []
    add_authors(row, by)
    row.save()
    record(by=by, verb="campaign.edit", about=row, version=row.version, changed=changed)
    return row


@transaction.atomic
def duplicate_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """A new draft with the same choices; the time to send is left open when it has passed."""
    send_at = campaign.send_at if campaign.send_at and campaign.send_at > timezone.now() else None
    copy = create_campaign(
        by=by,
        name=_("Copy of %s") % campaign.name[:100],
        segment=campaign.segment,
        message=campaign.message,
        products_per_message=campaign.products_per_message,
        holdout_percent=campaign.holdout_percent,
        send_at=send_at,
        budget=campaign.budget,
        currency=campaign.currency,
    )
    record(by=by, verb="campaign.duplicate", about=copy, of=campaign.pk)
    return copy


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Stop it for good. Messages not yet handed over stay unsent; those already handed over cannot be called
    back."""
    require(by, "campaigns.submit_campaign")
    row = locked(campaign, CANCELLABLE)
    row.state, row.finished_at = State.CANCELLED, timezone.now()
    row.save()
    stopped = outbox.stop(source=row.source)
    record(by=by, verb="campaign.cancel", about=row, not_sent=stopped)
    return row
