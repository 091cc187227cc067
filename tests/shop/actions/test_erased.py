"""The hashes that keep erased people out."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from shop.actions.erased import erased_among, remember
from shop.models import Erased

pytestmark = pytest.mark.django_db


def test_an_erased_person_is_known_however_the_address_is_written() -> None:
    assert erased_among(["ann@example.com"]) == set()
    remember(["Ann@Example.com ", "", "A1"])
    remember(["ann@example.com"])
    wanted = [" ANN@example.com", "a1", "A12", "", "ben@example.com"]
    assert erased_among(wanted) == {" ANN@example.com", "a1"}


def test_the_hash_is_an_hmac_with_the_installations_key(settings: Any) -> None:
    settings.ERASURE_KEY = "one"
    remember(["Ann@example.com"])
    key = hashlib.sha256(b"one").digest()
    assert Erased.objects.get().digest == hmac.new(key, b"ann@example.com", hashlib.sha256).hexdigest()
    settings.ERASURE_KEY = "another"
    assert erased_among(["ann@example.com"]) == set()
