"""Writing messages and trying them out."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actions import key_details, record
from backoffice.errors import Refused, require
from backoffice.models import ApiKey, User
from campaigns.models import Campaign, Message
from campaigns.presenters.rendering import Renderer
from delivery.channels import CHANNELS, Fate, UnavailableError
from recommendations.serving import offers_for
from shop.models import Channel, Customer

IN_FLIGHT = [Campaign.State.SUBMITTED, Campaign.State.APPROVED, Campaign.State.SENDING]


@transaction.atomic
def save_message(
    *,
    by: User,
    name: str,
    subject: str,
    body: str,
    language: str = "en",
    message: Message | None = None,
    key: ApiKey | None = None,
) -> Message:
    """Write a new message, or change `message`. Refused for a text that cannot be rendered, naming the
    placeholder and the line, and while a campaign with it waits for approval or is being sent: what was
    approved is what goes out. `key`: the API key that writes for `by`."""
    require(by, "campaigns.change_message")
    row = Message.objects.select_for_update().get(pk=message.pk) if message else Message(created_by=by)
    used = Campaign.objects.filter(message=row, state__in=IN_FLIGHT).first() if message else None
    if used:
        raise Refused(
            _(
                "“%s” uses this message and is waiting or being sent: withdraw that campaign, or write a new "
                "message."
            )
            % used.name
        )
    if Message.objects.filter(name=name).exclude(pk=row.pk).exists():
        raise Refused(_("There is already a message with this name: choose another."), field="name")
    row.name, row.subject, row.body, row.language = name, subject, body, language
    Renderer(row)
    row.save()
    record(by=by, verb="message.edit" if message else "message.create", about=row, **key_details(key))
    return row


def send_test(*, by: User, message: Message, customer: Customer, products: int) -> str:
    """Send what `customer` would get to `by`'s own address, without an unsubscribe link; returns that
    address."""
    require(by, "campaigns.change_message")
    if not by.email:
        raise Refused(_("Your account has no email address: ask an administrator to add it."))
    offers = offers_for([customer.pk], products)[customer.pk]
    addressed = Customer(first_name=customer.first_name, last_name=customer.last_name, email=by.email)
    letter = Renderer(message).write(addressed, offers, letter_id=f"test-{uuid.uuid4()}")
    try:
        with CHANNELS[Channel.EMAIL]() as adapter:
            outcome = adapter.send(letter)
    except UnavailableError:
        raise Refused(_("The mail server does not answer: check EMAIL_URL, then try again.")) from None
    if outcome.fate is not Fate.SENT:
        raise Refused(
            _("The mail server did not take it (%s): check your address and EMAIL_URL.") % outcome.detail
        )
    return by.email


STARTERS = [
    (
        "en",
        "Picked for you",
        "{{ first_name | default: 'Hello' }}, a few things we think you will like",
        "Hello {{ first_name | default: 'there' }},\n\nwe looked through our shop with you in mind. These "
        "might be yours:\n\n"
        "{{ products }}\n\nSee you soon,\n{{ shop_name }}",
    ),
    (
        "zh-hans",
        "为您挑选",
        "这几件好物，也许您会喜欢",
        "{{ first_name | default: '亲爱的顾客' }}，您好！\n\n我们根据您的喜好，挑选了这几件：\n\n"
        "{{ products }}\n\n期待您的光临，\n{{ shop_name }}",
    ),
]


def ensure_starter_messages() -> list[Message]:
    """Two messages to begin with, in English and Chinese; ones that are there already, or were renamed, are
    left alone."""
    if Message.objects.exists():
        return []
    starters = [
        Message(language=lang, name=name, subject=subject, body=body)
        for lang, name, subject, body in STARTERS
    ]
    return Message.objects.bulk_create(starters)
