"""The address of the unsubscribe link."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signing import BadSignature

from delivery.presenters.unsubscribe import delivery_of, unsubscribe_url


def test_the_address_is_absolute_and_leads_back_to_its_delivery(settings: Any) -> None:
    settings.PUBLIC_URL = "https://shop.example/"
    url = unsubscribe_url(42)
    assert url.startswith("https://shop.example/delivery/unsubscribe/")
    token = url.rstrip("/").rpartition("/")[2]
    assert delivery_of(token) == 42
    with pytest.raises(BadSignature):
        delivery_of("43" + token[2:])
