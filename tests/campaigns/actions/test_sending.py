"""Nobody gets two, nobody is skipped, whatever happens in the middle."""

from __future__ import annotations

import email
import re
import signal
import time
from datetime import timedelta
from email.policy import default
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import User
from campaigns.actions import sending
from campaigns.actions.campaigns import cancel_campaign
from campaigns.datasets.audiences import audience
from campaigns.models import Campaign, Message
from delivery.actions import attempts, leases
from delivery.actions.sending import deliver_due
from delivery.datasets.checks import ADDRESS_CHANGED, NO_ADDRESS, NO_CONSENT, SAME_ADDRESS, TOO_OFTEN
from delivery.models import Delivery
from shop.models import Channel, Consent, Customer
from tests.campaigns.conftest import come_due, make_customers, make_segment, say

State = Delivery.State


def states(campaign: Campaign) -> dict[str, int]:
    rows = Delivery.objects.of(campaign.source).values_list("state", flat=True)
    return {state: list(rows).count(state) for state in set(rows)}


def time_passes(campaign: Campaign) -> None:
    """Leases end and pauses are over."""
    ago = timezone.now() - timedelta(seconds=1)
    rows = Delivery.objects.of(campaign.source)
    rows.filter(leased_until__isnull=False).update(leased_until=ago)
    rows.filter(not_before__isnull=False).update(not_before=ago)


def test_audience_numbers_are_what_is_sent(approved: Any, post: Any) -> None:
    customers = make_customers(200)
    silent, said_no, nowhere = make_customers(3, prefix="x", consent=False)
    say(said_no, True)
    say(said_no, False)
    say(nowhere, True)
    Customer.objects.filter(pk=nowhere.pk).update(email="")
    twin = make_customers(1, prefix="twin")[0]
    Customer.objects.filter(pk=twin.pk).update(email="C7@Example.com")
    campaign = approved(make_segment([*customers, silent, said_no, nowhere, twin]), holdout_percent=20)
    people = audience(campaign)
    assert people.members == 204
    assert people.left_out == {NO_CONSENT: 2, NO_ADDRESS: 1, SAME_ADDRESS: 1}
    assert people.reached + people.held_out == 200
    assert 20 <= people.held_out <= 62  # 40 expected, +- 4 standard deviations
    assert deliver_due() == people.reached
    assert states(campaign) == {
        State.SENT: people.reached,
        State.HELD_OUT: people.held_out,
        State.SUPPRESSED: 4,
    }
    assert len(post.recipients) == people.reached
    assert set(post.times.values()) == {1}
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENT


def test_twice_sends_nothing_twice(approved: Any, post: Any) -> None:
    campaign = approved(make_segment(make_customers(5)))
    assert deliver_due() == 5
    assert sending.resolve_audience(campaign=campaign) == 0
    assert deliver_due() == 0
    assert len(post.recipients) == 5


def test_not_before_its_time(approved: Any, post: Any) -> None:
    campaign = approved(make_segment(make_customers(2)), send_at=timezone.now() + timedelta(hours=1))
    assert deliver_due() == 0
    come_due(campaign)
    assert deliver_due() == 2


def test_consent_is_asked_again_before_sending(approved: Any, post: Any) -> None:
    customers = make_customers(3)
    campaign = approved(make_segment(customers))
    sending.begin_due_campaigns()
    say(customers[0], False)
    Customer.objects.filter(pk=customers[1].pk).update(email="new@example.com")
    assert deliver_due() == 1
    reasons = set(
        Delivery.objects.of(campaign.source).filter(state=State.SUPPRESSED).values_list("reason", flat=True)
    )
    assert reasons == {NO_CONSENT, ADDRESS_CHANGED}
    assert post.recipients == ["c2@example.com"]


def test_three_a_week(approved: Any, post: Any) -> None:
    segment = make_segment(make_customers(2))
    for _time in range(3):
        approved(segment)
        assert deliver_due() == 2
    fourth = Campaign(segment=segment, holdout_percent=0)
    assert audience(fourth).left_out == {TOO_OFTEN: 2}


def test_answers_of_the_server(approved: Any, post: Any) -> None:
    post.answers = {"c0": "550 no such user", "c1": "451 try again later"}
    campaign = approved(make_segment(make_customers(4)))
    assert deliver_due() == 2
    rows = {
        row.customer.email: row for row in Delivery.objects.of(campaign.source).select_related("customer")
    }
    assert (rows["c0@example.com"].state, rows["c0@example.com"].provider_id) == (State.FAILED, "550")
    assert rows["c1@example.com"].state == State.QUEUED
    assert rows["c1@example.com"].not_before > timezone.now()
    post.answers = {}
    assert deliver_due() == 0  # the pause is not over
    time_passes(campaign)
    assert deliver_due() == 1
    assert set(post.times.values()) == {1}


def test_server_down_then_up(approved: Any, post: Any, settings: Any) -> None:
    campaign = approved(make_segment(make_customers(2)))
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert deliver_due() == 0
    assert states(campaign) == {State.QUEUED: 2}
    settings.EMAIL_PORT = port
    time_passes(campaign)
    assert deliver_due() == 2


def test_cancelled_in_the_middle(approved: Any, post: Any, mara: Any) -> None:
    campaign = approved(make_segment(make_customers(10)))
    sending.begin_due_campaigns()
    held = leases.lease_batch(4)
    assert len(held) == 4
    cancel_campaign(campaign=campaign, by=mara)
    assert attempts.send_batch(held) == 0
    assert deliver_due() == 0
    assert states(campaign) == {State.SUPPRESSED: 10}
    assert post.recipients == []


def test_a_stale_holder_cannot_send(approved: Any, post: Any) -> None:
    campaign = approved(make_segment(make_customers(3)))
    sending.begin_due_campaigns()
    stale = leases.lease_batch()
    time_passes(campaign)
    assert leases.recover_abandoned() == (3, 0)
    assert deliver_due() == 3
    assert attempts.send_batch(stale) == 0
    assert set(post.times.values()) == {1}


def test_a_living_holder_keeps_what_it_took_and_a_dead_one_loses_it_soon(approved: Any, post: Any) -> None:
    campaign = approved(make_segment(make_customers(5)))
    sending.begin_due_campaigns()
    alive, dead = leases.lease_batch(3), leases.lease_batch(2)
    soon = timezone.now() + leases.HOLD / 4
    rows = Delivery.objects.of(campaign.source)
    rows.update(leased_until=soon)
    for row in alive:
        row.leased_until = soon
    leases.renew(alive)
    assert set(rows.filter(leased_until__gt=soon).values_list("pk", flat=True)) == {row.pk for row in alive}
    rows.filter(pk__in=[row.pk for row in dead]).update(leased_until=timezone.now())
    assert leases.recover_abandoned() == (2, 0)
    again = leases.lease_batch()
    leases.renew(dead)  # it wakes up: what others took stays theirs
    assert attempts.send_batch(dead) == 0
    assert attempts.send_batch(again) == 2
    assert attempts.send_batch(alive) == 3
    assert set(post.times.values()) == {1}


def test_the_page_says_why_it_waits(approved: Any, mara: Any, as_user: Any) -> None:
    campaign = approved(make_segment(make_customers(4)))
    sending.begin_due_campaigns()
    first, second, third = leases.lease_batch(3)
    url = reverse("campaigns:progress", args=[campaign.pk])
    assert "worker" not in as_user(mara).get(url).content.decode()
    soon = timezone.now() + timedelta(seconds=1)
    Delivery.objects.filter(pk__in=[first.pk, second.pk]).update(leased_until=soon)
    Delivery.objects.filter(pk=third.pk).update(leased_until=soon, state=State.ATTEMPTING)
    Delivery.objects.of(campaign.source).filter(state=State.QUEUED).update(
        not_before=timezone.now() + timedelta(minutes=1)
    )
    shown = as_user(mara).get(url).content.decode()
    assert "2 messages were about to be sent when their worker stopped" in shown
    assert "1 message was being handed over" in shown
    assert "1 message waits because the mail server could not take it" in shown


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle(approved: Any, post: Any, mara: Any, start_delivery: Any) -> None:
    post.pause = 0.02
    campaign = approved(make_segment(make_customers(120)))
    process = start_delivery()
    while len(post.recipients) < 30:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    post.pause = 0
    time.sleep(0.1)  # the server finishes what it has taken
    assert 30 <= len(post.recipients) < 120
    assert deliver_due() > 0  # the rest of the outbox, before the dead process's leases end
    time_passes(campaign)
    deliver_due()
    counts = states(campaign)
    assert set(post.times.values()) == {1}
    assert counts.get(State.SENT, 0) + counts.get(State.UNKNOWN, 0) == 120
    assert counts.get(State.UNKNOWN, 0) <= 1  # only the one in the hand of the dead process
    assert len(post.recipients) >= counts[State.SENT]
    assert deliver_due() == 0
    if counts.get(State.UNKNOWN):
        assert sending.resend_unknown(campaign=campaign, by=mara) == 1
        assert deliver_due() == 1
    else:
        with pytest.raises(Refused):
            sending.resend_unknown(campaign=campaign, by=mara)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share(approved: Any, post: Any, start_delivery: Any) -> None:
    post.pause = 0.005
    campaign = approved(make_segment(make_customers(200)))
    workers = [start_delivery(), start_delivery()]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    deliver_due()
    assert states(campaign) == {State.SENT: 200}
    assert len(post.recipients) == 200
    assert set(post.times.values()) == {1}


def test_one_click_unsubscribe(approved: Any, post: Any) -> None:
    customer = make_customers(1)[0]
    campaign = approved(make_segment([customer]))
    deliver_due()
    mail = email.message_from_bytes(post.mails[0], policy=default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    row = Delivery.objects.of(campaign.source).get()
    assert mail["Message-ID"].startswith(f"<delivery-{row.pk}@")
    found = re.fullmatch(
        r"<https?://[^/]+(/.+)>", str(mail["List-Unsubscribe"]).replace("\r\n", "").replace(" ", "")
    )
    assert found is not None
    url = found[1]
    assert customer.email not in url
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(url).status_code == 200
    assert Consent.objects.filter(granted=False).count() == 0
    for _time in range(2):
        assert browser.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    word = Consent.objects.get(granted=False)
    assert (word.customer, word.channel, word.source) == (customer, Channel.EMAIL, Consent.Source.UNSUBSCRIBE)
    assert browser.post(url[:-4] + "abc/").status_code == 404


def test_unconfirmed_letters_are_not_sent_again_with_another_text(
    approved: Any, post: Any, mara: User
) -> None:
    campaign = approved(make_segment(make_customers(2)))
    deliver_due()
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state=State.UNKNOWN)
    Message.objects.filter(pk=campaign.message_id).update(body="Another text")
    with pytest.raises(Refused, match="changed after its approval"):
        sending.resend_unknown(campaign=campaign, by=mara)
