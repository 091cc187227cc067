"""How far the sending of a source is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from delivery.models import Delivery
from delivery.presenters.progress import counts, outcomes, waits
from tests.delivery.conftest import NEWSLETTER

State = Delivery.State


def test_every_state_is_counted_and_reasons_come_by_frequency(
    outbox: Callable[[int], list[Delivery]],
) -> None:
    first, *_others = outbox(3)
    Delivery.objects.filter(pk=first.pk).update(state=State.FAILED, reason="rare")
    Delivery.objects.exclude(pk=first.pk).update(state=State.SUPPRESSED, reason="often")
    assert counts(NEWSLETTER) == dict.fromkeys(State.values, 0) | {"failed": 1, "suppressed": 2}
    assert list(outcomes(NEWSLETTER)[1].items()) == [("often", 2), ("rare", 1)]


def test_what_stands_still_says_until_when(outbox: Callable[[int], list[Delivery]]) -> None:
    assert waits(NEWSLETTER) == {}
    stopped, broken, postponed = outbox(3)
    now = timezone.now()
    Delivery.objects.filter(pk=stopped.pk).update(state=State.LEASED, leased_until=now)
    Delivery.objects.filter(pk=broken.pk).update(state=State.ATTEMPTING, leased_until=now)
    later = now + timedelta(hours=1)
    Delivery.objects.filter(pk=postponed.pk).update(not_before=later)
    found = waits(NEWSLETTER)
    assert {kind: wait.messages for kind, wait in found.items()} == {
        "stopped": 1,
        "broken": 1,
        "postponed": 1,
    }
    assert found["postponed"].until == later + Delivery.SWEEP_EVERY
