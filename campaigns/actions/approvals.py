"""Submit, withdraw, decide: nothing is sent that a second person has not seen as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actions import key_details, record
from backoffice.errors import Refused, require
from backoffice.models import ApiKey, User
from campaigns.actions.authors import add_authors, authors_of
from campaigns.actions.campaigns import expect_version, locked
from campaigns.actions.terms import Terms, terms_now, words
from campaigns.datasets.audiences import audience
from campaigns.models import Campaign, Message
from campaigns.presenters.rendering import Renderer
from segments.actions.rules.catch_up import bring_up_to_date
from shop.models import ShopProfile

State = Campaign.State


@transaction.atomic
def submit_campaign(*, campaign: Campaign, by: User, key: ApiKey | None = None) -> Campaign:
    """Hand a draft to whoever may approve it. `key`: the API key that asks for `by`; its maker is an author
    too. Refused when nobody would get it, or its message cannot be written."""
    require(by, "campaigns.submit_campaign")
    row = locked(campaign, [State.DRAFT])
    Renderer(_held(row))
    if row.send_at and row.send_at <= timezone.now():
        raise Refused(
            _("The time to send has passed: choose a later one, or leave it empty."), field="send_at"
        )
    pending = bring_up_to_date(row.segment)
    people = audience(row)
    if not people.reached:
        raise Refused(
            _("Nobody would get this: choose a segment with people who agreed to get email."), field="segment"
        )
    add_authors(row, by, key)
    row.state, row.submitted_by, row.submitted_at = State.SUBMITTED, by, timezone.now()
    row.decided_by, row.decided_at, row.comment = None, None, ""
    row.terms, row.look_again = terms_now(row).stored, []
    row.save()
    record(
        by=by,
        verb="campaign.submit",
        about=row,
        version=row.version,
        people=people.reached,
        still_to_count=pending,
        **key_details(key),
    )
    return row


@transaction.atomic
def withdraw_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Make a submitted campaign a draft again, to change it."""
    require(by, "campaigns.submit_campaign")
    row = locked(campaign, [State.SUBMITTED])
    row.state, row.terms, row.look_again = State.DRAFT, {}, []
    row.save(update_fields=["state", "terms", "look_again"])
    record(by=by, verb="campaign.withdraw", about=row)
    return row


def approve_campaign(*, campaign: Campaign, by: User, seen: str, comment: str = "") -> Campaign:
    """Let it be sent when its time comes. `seen`: the token of the terms that the approver's page showed.

    Refused, and the refusal recorded, when anything on that page is no longer so, and for whoever wrote any
    part of it, superusers too.
    """
    with _refusals_recorded(campaign, by, "approve"):
        row = _decidable(campaign, by)
        _held(row)
        bring_up_to_date(row.segment)
        now, before = terms_now(row), Terms.of_token(seen)
        changed = before.changed(now) if before else list(now.prints)
        if before is None or changed:
            raise Refused(
                _("Look again: since you opened this page, this changed: %s.") % words(changed), field="seen"
            )
        stored = now.stored | {"people": min(now.people, before.people)}  # what was seen, not what grew since
        row.state, row.decided_by, row.decided_at = State.APPROVED, by, timezone.now()
        row.comment, row.terms, row.look_again = comment.strip(), stored, []
        row.save()
        record(
            by=by,
            verb="campaign.approve",
            about=row,
            version=row.version,
            people=stored["people"],
            comment=row.comment,
        )
    return row


def reject_campaign(*, campaign: Campaign, by: User, version: int, comment: str) -> Campaign:
    """Send it back to its author with a comment that says what to change."""
    with _refusals_recorded(campaign, by, "reject"):
        row = _decidable(campaign, by)
        expect_version(row, version)
        if not comment.strip():
            raise Refused(_("Write in a few words what should change: the author reads it."), field="comment")
        row.state, row.decided_by, row.decided_at = State.REJECTED, by, timezone.now()
        row.comment, row.terms, row.look_again = comment.strip(), {}, []
        row.save()
        record(by=by, verb="campaign.reject", about=row, version=version, comment=row.comment)
    return row


def void_if_changed(row: Campaign) -> list[str]:
    """Take an approval back when what was approved is no longer so; returns the changed parts. `row` is
    locked by the caller, whose transaction also begins the sending."""
    _held(row)
    before = Terms.of_stored(row.terms)
    now = terms_now(row, products=before.products if before else None)
    changed = before.changed(now) if before else list(now.prints)
    if changed:
        row.state, row.decided_by, row.decided_at, row.look_again = State.SUBMITTED, None, None, changed
        row.save()
        record(by=None, verb="campaign.look_again", about=row, changed=changed)
    return changed


def _held(row: Campaign) -> Message:
    """The message and the shop's name, so that no edit slips in before the transaction ends."""
    ShopProfile.objects.select_for_update().first()
    row.message = Message.objects.select_for_update().get(pk=row.message_id)
    return row.message


def _decidable(campaign: Campaign, by: User) -> Campaign:
    require(by, "campaigns.approve_campaign")
    row = locked(campaign, [State.SUBMITTED])
    row.authors = sorted(authors_of(row))  # the database refuses a decision by one of them
    if by.pk in row.authors:
        raise Refused(
            _("You wrote or submitted this campaign, its message or its rule: a second person must decide."),
            field="by",
        )
    return row


@contextmanager
def _refusals_recorded(campaign: Campaign, by: User, tried: str) -> Iterator[None]:
    """One transaction; a refusal is recorded after it was rolled back. A forgotten comment is none."""
    try:
        with transaction.atomic():
            yield
    except PermissionDenied:
        record(by=by, verb="campaign.refuse", about=campaign, tried=tried, why="right")
        raise
    except Refused as refused:
        if refused.field != "comment":
            why = {"by": "author", "seen": "changed"}.get(refused.field or "", refused.field or "state")
            record(by=by, verb="campaign.refuse", about=campaign, tried=tried, why=why)
        raise
