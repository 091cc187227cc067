"""A segment of customers, a message and a mail server."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.utils import timezone

from backoffice.models import User
from campaigns.actions.approvals import approve_campaign, submit_campaign
from campaigns.actions.campaigns import create_campaign
from campaigns.actions.terms import terms_now
from campaigns.models import Campaign, Message
from segments.models import Membership, Segment, SegmentRun, SegmentSnapshot
from shop.models import Channel, Consent, Customer
from tests.mail_server import post  # noqa: F401 - a fixture


def make_customers(count: int, *, prefix: str = "c", consent: bool = True) -> list[Customer]:
    customers = Customer.objects.bulk_create(
        Customer(
            external_id=f"{prefix}{i}", email=f"{prefix}{i}@example.com", first_name=f"Name{i}", locale="en"
        )
        for i in range(count)
    )
    if consent:
        for customer in customers:
            say(customer, True)
    return customers


def say(customer: Customer, granted: bool) -> None:
    Consent.objects.create(
        customer=customer, channel=Channel.EMAIL, granted=granted, source=Consent.Source.FORM
    )


def make_segment(customers: list[Customer], *, slug: str = "loyal") -> Segment:
    run = SegmentRun.objects.create(method="kmeans", as_of=timezone.now())
    segment, _new = Segment.objects.get_or_create(
        method="kmeans", slug=slug, defaults={"name_key": "Loyal", "colour": "#0072B2"}
    )
    Membership.objects.bulk_create(
        Membership(run=run, segment=segment, customer=customer) for customer in customers
    )
    SegmentSnapshot.objects.create(
        run=run, segment=segment, position=0, size=len(customers), share=1.0, revenue=0, revenue_share=1.0
    )
    run.publish()
    return segment


@pytest.fixture
def message(db: None) -> Message:
    return Message.objects.create(
        name="Hello",
        subject="Hello {{ first_name }}",
        body="Dear {{ first_name }},\n\n{{ products }}\n\n{{ shop_name }}",
    )


@pytest.fixture
def make_campaign(message: Message, mara: User) -> Any:
    def make(segment: Segment, **fields: Any) -> Campaign:
        return create_campaign(
            by=mara,
            **{
                "name": "Autumn",
                "segment": segment,
                "message": message,
                "holdout_percent": 0,
                "currency": "GBP",
                **fields,
            },
        )

    return make


@pytest.fixture
def approved(make_campaign: Any, mara: User, anton: User) -> Any:
    def make(segment: Segment, **fields: Any) -> Campaign:
        campaign = submit_campaign(campaign=make_campaign(segment, **fields), by=mara)
        return approve_campaign(campaign=campaign, by=anton, seen=terms_now(campaign).token)

    return make


def come_due(campaign: Campaign) -> None:
    """Its time comes, as if it had been approved for now."""
    campaign = Campaign.objects.get(pk=campaign.pk)
    campaign.send_at = timezone.now()
    campaign.terms = terms_now(campaign).stored
    campaign.save()


@pytest.fixture
def start_delivery(settings: Any) -> Any:
    """Start `deliver_due` in a process of its own on the test's database; what is still running is killed at
    the end."""
    import os

    from backoffice.runner import _database_url

    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [
                    sys.executable,
                    "manage.py",
                    "shell",
                    "-v0",
                    "-c",
                    "from delivery.actions.sending import deliver_due; deliver_due()",
                ],
                env={
                    **os.environ,
                    "DATABASE_URL": _database_url(),
                    "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
                },
                cwd=settings.BASE_DIR,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
