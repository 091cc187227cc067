"""A campaign on its way: begin at its time, fill its outbox, close it when nothing is left to send."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from campaigns.actions.approvals import void_if_changed
from campaigns.actions.terms import changed_since
from campaigns.datasets.audiences import HOLDOUT, REACHED, audience_sql
from campaigns.models import Campaign
from delivery.actions import outbox
from delivery.models import Delivery
from segments.actions.rules.catch_up import bring_up_to_date

State = Campaign.State


def begin_due_campaigns() -> list[Campaign]:
    """Begin approved campaigns whose time has come and fill their outbox, each in one transaction. One that
    is no longer what was approved goes back to the approver instead."""
    due = Campaign.objects.filter(
        Q(send_at__isnull=True) | Q(send_at__lte=timezone.now()), state=State.APPROVED
    )
    return [campaign for campaign in due if _begin(campaign)]


@transaction.atomic
def _begin(campaign: Campaign) -> bool:
    row = Campaign.objects.select_for_update().filter(pk=campaign.pk, state=State.APPROVED).first()
    if row is None or (row.send_at and row.send_at > timezone.now()):
        return False
    pending = bring_up_to_date(row.segment)
    if void_if_changed(row):
        return False
    row.state, row.started_at = State.SENDING, timezone.now()
    row.save(update_fields=["state", "started_at"])
    resolve_audience(campaign=row)
    record(by=None, verb="campaign.begin", about=row, still_to_count=pending)
    return True


def resolve_audience(*, campaign: Campaign) -> int:
    """Write one delivery for each member of the audience: queued, held out, or suppressed with the reason.
    Returns how many are new; repeating it adds nobody."""
    sql, parameters = audience_sql(campaign)
    return outbox.enqueue(
        source=campaign.source,
        source_name=campaign.name,
        channel=campaign.channel,
        people_sql=f"""
            SELECT customer_id, address_hash,
                   CASE outcome WHEN %s THEN %s WHEN %s THEN %s ELSE %s END AS state,
                   CASE WHEN outcome IN (%s, %s) THEN '' ELSE outcome END AS reason
            FROM ({sql}) AS audience
        """,  # noqa: S608 - the inner statement is `audience_sql`'s own, every value is a parameter
        parameters=[
            REACHED,
            Delivery.State.QUEUED,
            HOLDOUT,
            Delivery.State.HELD_OUT,
            Delivery.State.SUPPRESSED,
            REACHED,
            HOLDOUT,
            *parameters,
        ],
    )


def finish_campaigns() -> int:
    """Mark campaigns with nothing left to send as sent; returns how many."""
    unfinished = Delivery.objects.unfinished().filter(source_type=Campaign.SOURCE).values("source_id")
    sending = Campaign.objects.filter(state=State.SENDING)
    return sending.exclude(pk__in=unfinished).update(state=State.SENT, finished_at=timezone.now())


@transaction.atomic
def resend_unknown(*, campaign: Campaign, by: User) -> int:
    """Queue the messages whose delivery is unconfirmed again, because a person decided that a repetition is
    better than a gap; returns how many."""
    require(by, "campaigns.submit_campaign")
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if row.state not in {State.SENDING, State.SENT}:
        raise Refused(_("Only a campaign that was sent can be sent again."))
    if "message" in changed_since(row):
        raise Refused(
            _("The message was changed after its approval: send the new text with a campaign of its own.")
        )
    again = outbox.requeue_unknown(source=row.source)
    if not again:
        raise Refused(_("No message of this campaign has an unconfirmed delivery."))
    row.state, row.finished_at = State.SENDING, None
    row.save(update_fields=["state", "finished_at"])
    record(by=by, verb="campaign.resend", about=row, messages=again)
    return again
