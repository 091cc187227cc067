"""The demo's mailbox: keep what arrives."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

from django.db.models import TextField
from django.db.models.functions import Cast

from backoffice.declarations import Person
from backoffice.personal_data import naming
from delivery.models import MailboxMessage


def keep(sender: str, recipients: list[str], content: bytes | str) -> None:
    """Parse one mail and store it for each of its recipients."""
    raw = content.encode() if isinstance(content, str) else content
    mail = email.message_from_bytes(raw, policy=default)
    headers = [[name, str(value)] for name, value in mail.items()]
    MailboxMessage.objects.bulk_create(
        MailboxMessage(
            sender=sender[:320],
            recipient=recipient[:320],
            subject=str(mail["Subject"] or "")[:500],
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
            headers=headers,
        )
        for recipient in recipients
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\x00", "") if part else ""


def forget(person: Person) -> int:
    """Delete the mails to the person, those that name them, and the tests that staff sent themselves with the
    person's name filled in; returns how many."""
    everything = MailboxMessage.objects.all()
    about = set(
        naming(everything, person, "recipient", "subject", "text", "html", "headers").values_list("pk")
    )
    tests = everything.alias(told=Cast("headers", TextField())).filter(told__contains="<test-")
    for name in filter(None, (person.first_name, person.last_name)):
        about |= set(tests.filter(text__icontains=name).values_list("pk"))
    deleted, _by_table = everything.filter(pk__in=[pk for (pk,) in about]).delete()
    return deleted
