"""How far the sending of one source is, and why it stands still."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from delivery.models import Delivery, SourceKey

State = Delivery.State


@dataclass(frozen=True)
class Wait:
    """Messages that are not sent just now, and by when sending goes on with them."""

    messages: int
    until: datetime


def counts(source: SourceKey) -> dict[str, int]:
    """People by delivery state, every state present."""
    return outcomes(source)[0]


def outcomes(source: SourceKey) -> tuple[dict[str, int], dict[str, int]]:
    """`counts`, and why people got nothing: reason (an untranslated message id) -> people, most frequent
    first. Of one moment, so that they add up while messages go out: one statement."""
    people = dict.fromkeys(State.values, 0)
    why: Counter[str] = Counter()
    rows = Delivery.objects.of(source).order_by().values_list("state", "reason").annotate(n=Count("pk"))
    for state, reason, number in rows:
        people[state] += number
        if state in {State.SUPPRESSED, State.FAILED}:
            why[reason] += number
    return people, dict(why.most_common())


def waits(source: SourceKey) -> dict[str, Wait]:
    """Why sending stands still, by kind: `stopped` (taken by a worker that shows no sign of life), `broken`
    (in the hand of such a worker while it called the provider) and `postponed` (the provider answered
    "later"). Only the kinds there are."""
    now = timezone.now()
    kinds = {
        "stopped": (Q(state=State.LEASED, leased_until__lt=now + Delivery.HOLD / 3), "leased_until"),
        "broken": (
            Q(state=State.ATTEMPTING, leased_until__lt=now + Delivery.LEASE - Delivery.HOLD),
            "leased_until",
        ),
        "postponed": (Q(state=State.QUEUED, not_before__gt=now), "not_before"),
    }
    figures: dict[str, Any] = {kind: Count("pk", filter=which) for kind, (which, _field) in kinds.items()}
    figures |= {f"{kind}_until": Max(field, filter=which) for kind, (which, field) in kinds.items()}
    found = Delivery.objects.of(source).aggregate(**figures)
    return {
        kind: Wait(found[kind], max(found[f"{kind}_until"], now) + Delivery.SWEEP_EVERY)
        for kind in kinds
        if found[kind]
    }
