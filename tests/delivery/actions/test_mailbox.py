"""What the demo's mail server keeps."""

from __future__ import annotations

import pytest
from aiosmtpd.smtp import Envelope
from django.db import connection, transaction

from delivery.actions.mailbox import keep
from delivery.management.commands.mailbox import receive
from delivery.models import MailboxMessage

pytestmark = pytest.mark.django_db


def test_a_mail_is_kept_for_each_recipient() -> None:
    keep("shop@example.com", ["a@example.com", "b@example.com"], b"Subject: Hi\nX-Kind: news\n\nHello")
    assert set(MailboxMessage.objects.values_list("recipient", "subject")) == {
        ("a@example.com", "Hi"),
        ("b@example.com", "Hi"),
    }
    kept = MailboxMessage.objects.first()
    assert kept is not None
    assert (kept.text.strip(), ["X-Kind", "news"] in kept.headers) == ("Hello", True)


def test_a_mail_without_a_subject_or_with_a_nul_is_kept_too() -> None:
    keep("", ["a@example.com"], "X-Kind: news\n\nHello\x00 there")
    assert MailboxMessage.objects.get().text.strip() == "Hello there"


def test_a_mail_that_cannot_be_kept_now_is_to_come_again() -> None:
    envelope = Envelope()
    envelope.mail_from, envelope.rcpt_tos, envelope.content = "shop@example.com", ["a@example.com"], b"\nHi"
    with transaction.atomic():  # rolled back when it ends, as the statement in it fails
        connection.cursor().execute("ALTER TABLE delivery_mailboxmessage RENAME TO away")
        assert receive(envelope).startswith("451 ")
    assert receive(envelope).startswith("250 ")
