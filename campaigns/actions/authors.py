"""Who wrote any part of a campaign: they do not decide on it, whatever their role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Max, Q

from backoffice.actions import key_details
from backoffice.models import ApiKey, AuditEntry, User
from campaigns.models import Campaign
from segments.actions.rules.order import with_references
from segments.models import Rule, Segment

STANDING = [Campaign.State.APPROVED, Campaign.State.SENDING, Campaign.State.SENT]


def add_authors(campaign: Campaign, by: User, key: ApiKey | None = None) -> None:
    """Note who wrote or submitted it, and who made the key that did; the caller saves it."""
    makers = key_details(key).get("api_key_makers", [])
    campaign.authors = sorted({*campaign.authors, by.pk, *makers})


def authors_of(campaign: Campaign) -> set[int]:
    """Ids of the staff who wrote, changed or submitted the campaign, and of those who wrote its message or
    its rules since an approval that still stands covered them."""
    rule = Rule.objects.filter(segment=campaign.segment_id).first()
    segments = [needed.segment_id for needed in with_references(rule)] if rule else []
    message_since = _last_approval(message=campaign.message_id)
    rule_since = _last_approval(segment=campaign.segment_id)
    wrote = _people(_entries(type(campaign.message), [campaign.message_id], message_since, "message."))
    ruled = _people(_entries(Segment, segments, rule_since, "segment.")) if segments else set()
    named = {campaign.created_by_id, campaign.submitted_by_id, *campaign.authors, *wrote, *ruled}
    return {pk for pk in named if pk is not None}


def may_decide(campaign: Campaign, by: User) -> bool:
    """Whether `by` is a second person here."""
    return by.pk not in authors_of(campaign)


def _last_approval(**covering: int) -> Any:
    """When a campaign with this message or segment was last approved by a second person."""
    standing = Campaign.objects.filter(state__in=STANDING, **covering)
    return standing.aggregate(last=Max("decided_at"))["last"]


def _entries(
    model: type[models.Model], ids: Iterable[int], since: Any, verbs: str
) -> models.QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(
        object_type=model._meta.label_lower, object_id__in=[str(pk) for pk in ids]
    ).filter(Q(verb__startswith=verbs) & ~Q(verb="segment.export"))
    return entries.filter(at__gt=since) if since else entries


def _people(entries: models.QuerySet[AuditEntry]) -> set[int]:
    """Those who did it, and the makers of the keys that did."""
    found: set[int] = set()
    for by, details in entries.values_list("by", "details"):
        found |= {by, *details.get("api_key_makers", [])} - {None}
    return found
