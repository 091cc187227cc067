"""Pages of messages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backoffice.models import User
from tests.campaigns.conftest import make_customers


def test_preview_names_the_placeholder(mara: User, as_user: Any) -> None:
    make_customers(1)
    url = reverse("campaigns:message-preview")
    good = as_user(mara).post(url, {"subject": "Hi {{ first_name }}", "body": "x"}).content.decode()
    assert "Hi Name0" in good
    assert "nickname" in as_user(mara).post(url, {"subject": "Hi", "body": "{{ nickname }}"}).content.decode()
