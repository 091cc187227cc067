"""Writing messages and trying them out."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry, User
from campaigns.actions.messages import ensure_starter_messages, save_message, send_test
from campaigns.models import Message
from tests.campaigns.conftest import make_customers


def test_a_message_is_written_changed_and_both_are_recorded(mara: User, ines: User) -> None:
    written = save_message(by=mara, name="Spring", subject="Hi", body="Hello {{ first_name }}")
    save_message(by=mara, message=written, name="Spring", subject="Hello", body="Hello")
    verbs = AuditEntry.about(written).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["message.create", "message.edit"]
    with pytest.raises(PermissionDenied):
        save_message(by=ines, name="Other", subject="Hi", body="Hello")


def test_names_are_unique_and_texts_can_be_rendered(mara: User, message: Message) -> None:
    with pytest.raises(Refused, match="this name") as taken:
        save_message(by=mara, name=message.name, subject="Hi", body="Hello")
    assert taken.value.field == "name"
    with pytest.raises(Refused, match="nickname"):
        save_message(by=mara, name="Other", subject="Hi", body="{{ nickname }}")
    assert Message.objects.count() == 1


def test_a_test_goes_to_oneself_without_an_unsubscribe_link(mara: User, message: Message, post: Any) -> None:
    (customer,) = make_customers(1)
    assert send_test(by=mara, message=message, customer=customer, products=2) == mara.email
    assert post.recipients == [mara.email]
    assert b"Hello Name0" in post.mails[0]
    assert b"List-Unsubscribe" not in post.mails[0]


def test_a_test_says_what_is_wrong(mara: User, message: Message, post: Any, settings: Any) -> None:
    (customer,) = make_customers(1)
    post.answers = {"mara": "550 no such user"}
    with pytest.raises(Refused, match="550"):
        send_test(by=mara, message=message, customer=customer, products=0)
    settings.EMAIL_PORT = 1
    with pytest.raises(Refused, match="EMAIL_URL"):
        send_test(by=mara, message=message, customer=customer, products=0)
    mara.email = ""
    with pytest.raises(Refused, match="no email address"):
        send_test(by=mara, message=message, customer=customer, products=0)


def test_starters_are_written_once(db: None) -> None:
    assert len(ensure_starter_messages()) == 2
    assert ensure_starter_messages() == []
